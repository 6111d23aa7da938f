import type { Bytes } from '../core/bytes.ts'
import { consequenceOf, MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { Receiver } from '../operators/operator.ts'
import type { SourceNode, TimestampExtractor } from '../topology/node.ts'
import type { Serde } from '../serde/serde.ts'
import { decodeChange, valuesOfChange } from './change-codec.ts'

/** Where a topic's records enter the graph of one task. */
export interface Source {
  readonly node: SourceNode
  /** The children of the source node. */
  readonly receiver: Receiver
  readonly timestampExtractor: TimestampExtractor | undefined
}

export function decodeKey(source: Source, bytes: Bytes | null, topic: string, headers: Headers): unknown {
  return bytes === null ? null : source.node.key.deserialize(bytes, topic, headers)
}

export function decodeValue(source: Source, bytes: Bytes | null, topic: string, headers: Headers): unknown {
  if (bytes === null) return null
  return source.node.changes
    ? decodeChange(bytes, source.node.value, topic, headers)
    : source.node.value.deserialize(bytes, topic, headers)
}

/** The record's time: Kafka's, or the extractor's. Negative: the record is dropped. */
export function timestampOf(
  source: Source,
  batch: RecordBatch,
  index: number,
  key: unknown,
  value: unknown,
  headers: Headers,
  partitionTimeMs: number,
): number {
  const timestamp = batch.timestamp(index)
  if (source.timestampExtractor === undefined) {
    if (timestamp >= 0) return timestamp
    throw new MillraceError(
      'TIMESTAMP_MISSING',
      'fatal',
      `record ${batch.topic}-${batch.partition}@${batch.offset(index)} has no timestamp: give ${source.node.name} a timestamp extractor`,
      {
        details: {
          topic: batch.topic,
          partition: batch.partition,
          offset: batch.offset(index),
          operator: source.node.name,
        },
      },
    )
  }
  const record = {
    topic: batch.topic,
    partition: batch.partition,
    offset: batch.offset(index),
    timestamp,
    key,
    value,
    headers,
  }
  try {
    return source.timestampExtractor(record, partitionTimeMs)
  } catch (error) {
    throw new MillraceError(
      'TIMESTAMP_EXTRACTOR_FAILED',
      'fatal',
      `the timestamp extractor of ${source.node.name} threw for ${batch.topic}-${batch.partition}@${record.offset}: repair it, or let it return a negative number to drop the record`,
      { cause: error, details: { topic: batch.topic, partition: batch.partition, offset: record.offset } },
    )
  }
}

/**
 * Lets the serdes load what they need for a batch (a schema by id). Rejects with the first retriable failure; any other is
 * left to the decoding of its record.
 */
export function resolveBatch(source: Source, batch: RecordBatch): Promise<void> | undefined {
  const { key, value, changes } = source.node
  if (key.resolve === undefined && value.resolve === undefined) return undefined
  const missing: Promise<void>[] = []
  for (let index = 0; index < batch.count; index++) {
    if (key.resolve !== undefined) resolve(key, batch.key(index), batch.topic, missing)
    if (value.resolve === undefined) continue
    const bytes = batch.value(index)
    if (changes && bytes !== null) resolveChange(value, bytes, batch.topic, missing)
    else resolve(value, bytes, batch.topic, missing)
  }
  return missing.length === 0 ? undefined : settleAll(missing)
}

function resolveChange(serde: Serde<unknown>, bytes: Bytes, topic: string, missing: Promise<void>[]): void {
  let values: readonly Bytes[]
  try {
    values = valuesOfChange(bytes, topic)
  } catch {
    return
  }
  for (const value of values) resolve(serde, value, topic, missing)
}

function resolve(serde: Serde<unknown>, bytes: Bytes | null, topic: string, missing: Promise<void>[]): void {
  if (bytes === null) return
  try {
    const loading = serde.resolve?.(bytes, topic)
    if (loading !== undefined) missing.push(loading)
  } catch (error) {
    missing.push(Promise.reject(error))
  }
}

async function settleAll(missing: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(missing)) {
    if (outcome.status === 'rejected' && consequenceOf(outcome.reason) === 'retriable') throw outcome.reason as Error
  }
}
