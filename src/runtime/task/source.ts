import type { Bytes } from '../../core/bytes.ts'
import { type ErrorCode, consequenceOf, errorMessage, MillraceError } from '../../core/errors.ts'
import { ignoreRejection } from '../../core/no-promise.ts'
import { shown } from '../../core/shown.ts'
import { isTimestamp } from '../../core/timestamps.ts'
import type { Headers } from '../../core/headers.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import type { Receiver } from '../../operators/operator.ts'
import type { SourceNode, TimestampExtractor } from '../../topology/node.ts'
import type { Serde } from '../../serde/serde.ts'
import { valuesOfChange } from './change-codec.ts'
import { isBeyondRecord } from '../errors/record-failures.ts'

/** Where a topic's records enter the graph of one task. */
export interface Source {
  readonly node: SourceNode
  /** The children of the source node. */
  readonly receiver: Receiver
  readonly timestampExtractor: TimestampExtractor | undefined
}

/** The record's time: Kafka's, or the extractor's. Negative: the record is dropped. Throws what its handler is to hear. */
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
  const extractor = source.timestampExtractor
  if (extractor === undefined) {
    if (isTimestamp(timestamp)) return timestamp
    throw timestampError(
      'TIMESTAMP_MISSING',
      `has the timestamp ${timestamp}: give ${source.node.name} a timestamp extractor`,
      batch,
      index,
      source,
    )
  }
  const { topic, partition } = batch
  const record = { topic, partition, offset: batch.offset(index), timestamp, key, value, headers }
  let extracted: unknown
  try {
    extracted = extractor(record, partitionTimeMs)
  } catch (error) {
    ignoreRejection(error)
    if (isBeyondRecord(error)) throw error
    const text = `made the timestamp extractor of ${source.node.name} throw (${errorMessage(error)}): return a negative number to drop the record`
    throw timestampError('TIMESTAMP_EXTRACTOR_FAILED', text, batch, index, source, error)
  }
  if (Number.isSafeInteger(extracted)) return extracted as number
  ignoreRejection(extracted)
  const text = `got the time ${shown(extracted)} from the timestamp extractor of ${source.node.name}: it must return whole milliseconds up to 2^53 - 1, or a negative number to drop the record`
  throw timestampError('TIMESTAMP_INVALID', text, batch, index, source)
}

function timestampError(
  code: ErrorCode,
  text: string,
  batch: RecordBatch,
  index: number,
  source: Source,
  cause?: unknown,
): MillraceError {
  const { topic, partition } = batch
  const offset = batch.offset(index)
  const details = { topic, partition, offset, operator: source.node.name }
  return new MillraceError(code, 'record', `record ${topic}-${partition}@${offset} ${text}`, { cause, details })
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

/** A malformed change is left to the decoding of its record. */
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
