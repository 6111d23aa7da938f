import type { Bytes } from '../../core/bytes.ts'
import { consequenceOf, errorMessage } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import type { Admin, KafkaDriver } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import type { Serde } from '../../serde/serde.ts'
import {
  sessionKeyEnd,
  sessionKeyInner,
  sessionKeyStart,
  windowKeyInner,
  windowKeyStart,
} from '../../stores/key-schema.ts'
import type { StoreSpec } from '../../stores/store-spec.ts'
import { logBounds } from '../../worker/cluster-state.ts'
import { RecordReader } from '../../kafka/record-reader.ts'
import { topicPartitions } from '../topics/topic-partitions.ts'

/** A row of a changelog. */
export interface SampleRow {
  readonly key: Bytes
  readonly value: Bytes
}

const rowsPerPartition = 20
const silenceMs = 5000
/** Times after it are no times: other bytes were read as one. */
const latestMs = 1e14

/** The newest rows of each partition of these topics, by topic; deleted rows are left out. */
export async function readSamples(
  kafka: KafkaDriver,
  admin: Admin,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly SampleRow[]>> {
  const places = await topicPartitions(admin, topics)
  const { starts, ends } = await logBounds(admin, places)
  const ranges = places.map(({ topic, partition }) => {
    const key = partitionKey(topic, partition)
    const end = ends.get(key) ?? 0
    return { topic, partition, offset: Math.max(starts.get(key) ?? 0, end - rowsPerPartition), end }
  })
  const rows = new Map<string, SampleRow[]>()
  const reader = new RecordReader(kafka, ranges)
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const kept = rows.get(batch.topic) ?? []
      rows.set(batch.topic, kept)
      for (let index = 0; index < batch.count; index++) {
        const [key, value] = [batch.key(index), batch.value(index)]
        if (key !== null && value !== null) kept.push({ key: key.slice(), value: value.slice() })
      }
    }
  } finally {
    await reader.close()
  }
  return rows
}

/** Loads what serdes need to read these rows, such as schemas. Rejects when that is to be tried again. */
export async function resolveRows(
  stores: readonly StoreSpec[],
  rows: readonly SampleRow[],
  topic: string,
): Promise<void> {
  for (const { key, value } of stores)
    for (const row of rows) {
      await resolved(key.resolve?.(row.key, topic))
      await resolved(value.resolve?.(row.value, topic))
    }
}

async function resolved(loading: Promise<void> | undefined): Promise<void> {
  try {
    await loading
  } catch (error) {
    // Anything else is found when the row is read.
    if (consequenceOf(error) === 'retriable') throw error
  }
}

/** Why a store cannot read one of these rows, as the end of a sentence; undefined: it reads all of them. */
export function unreadable(store: StoreSpec, rows: readonly SampleRow[], topic: string): string | undefined {
  for (const row of rows) {
    const fault = rowFault(store, row, topic)
    if (fault !== undefined) return fault
  }
  return undefined
}

function rowFault(store: StoreSpec, { key, value }: SampleRow, topic: string): string | undefined {
  switch (store.kind) {
    case 'key-value':
    case 'timestamped-key-value':
    case 'lru':
    case 'versioned':
      return serdeFault('keys', store.key, key, topic) ?? serdeFault('values', store.value, value, topic)
    case 'window':
    case 'timestamped-window': {
      if (key.length < 12 || !isTime(windowKeyStart(key))) return 'its keys are not keys of windows'
      const inner = windowKeyInner(key)
      return serdeFault('keys', store.key, inner, topic) ?? serdeFault('values', store.value, value, topic)
    }
    case 'session': {
      if (key.length < 16 || !isTime(sessionKeyStart(key)) || !isTime(sessionKeyEnd(key)))
        return 'its keys are not keys of sessions'
      const inner = sessionKeyInner(key)
      return serdeFault('keys', store.key, inner, topic) ?? serdeFault('values', store.value, value, topic)
    }
    default:
      return undefined
  }
}

function isTime(timeMs: number): boolean {
  return timeMs >= 0 && timeMs <= latestMs
}

function serdeFault(part: string, serde: Serde<unknown>, bytes: Bytes, topic: string): string | undefined {
  try {
    const value = serde.deserialize(bytes, topic, noHeaders)
    // Any bytes can be read as text; what was no text is written back as other bytes.
    const isSame = serde.name !== 'string' || Buffer.compare(serde.serialize(value, topic, noHeaders), bytes) === 0
    return isSame ? undefined : `its ${part} are not text, which serde string needs`
  } catch (error) {
    return `serde ${serde.name} cannot read its ${part} (${errorMessage(error)})`
  }
}
