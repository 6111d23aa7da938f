import { hash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { replayHeader } from '../core/replay-mark.ts'
import { loneConsumer } from '../kafka/lone-consumer.ts'
import { type KafkaDriver, partitionKey } from '../kafka/port.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import { wholeTopic } from '../kafka/record-ranges.ts'
import { RecordReader } from '../kafka/record-reader.ts'
import type { Serde } from '../serde/serde.ts'
import { type Contents, Hashes, type RecordText } from './contents.ts'
import { recordText } from './record-text.ts'

const silentMaxMs = 30_000

/** Where a record is in its topic. */
export interface RecordPlace {
  readonly partition: number
  readonly offset: number
}

export interface ContentsOptions {
  readonly topic: string
  /** Records that count. */
  readonly isCounted: (timestamp: number) => boolean
  /** Only the last record of each key is hashed. */
  readonly isLastOfKey: boolean
  /** Of how many records one is hashed: the same ones in every topic. 1: all. */
  readonly sampleEvery: number
}

/** Reads a topic up to the end that it has now. Rejects with READ_TIMEOUT when nothing more comes. */
export async function contentsOf(
  driver: KafkaDriver,
  clock: Clock,
  options: ContentsOptions,
): Promise<Contents<RecordPlace>> {
  const counting = new Counting(options)
  counting.widen(await readTopic(driver, clock, options.topic, (batch, index) => counting.add(batch, index)))
  counting.end()
  return counting
}

/**
 * Gives each record of a topic up to the end that it has now; returns how many partitions it has, 0 where there is no such
 * topic. Rejects as `contentsOf`.
 */
export async function readTopic(
  driver: KafkaDriver,
  clock: Clock,
  topic: string,
  give: (batch: RecordBatch, index: number) => void,
): Promise<number> {
  const admin = driver.admin()
  try {
    const ranges = await wholeTopic(admin, topic)
    const reader = new RecordReader(driver, ranges, clock)
    try {
      for await (const batch of reader.batches(silentMaxMs)) {
        const endOffset = reader.endOf(batch)
        for (let index = 0; index < batch.count && batch.offset(index) < endOffset; index++) give(batch, index)
      }
    } finally {
      await reader.close()
    }
    return ranges.length
  } finally {
    await admin.close()
  }
}

/** The records at these places, as these serdes read them. What is no longer there is left out. */
export async function recordsAt(
  driver: KafkaDriver,
  topic: string,
  serdes: { readonly key: Serde<unknown>; readonly value: Serde<unknown> },
  places: readonly RecordPlace[],
): Promise<readonly RecordText[]> {
  const consumer = loneConsumer(driver)
  try {
    const records: RecordText[] = []
    for (const { partition, offset } of places) {
      consumer.assign([{ topic, partition, offset }])
      const [batch] = await consumer.poll(silentMaxMs)
      consumer.unassign([{ topic, partition }])
      if (batch === undefined || batch.count === 0 || batch.offset(0) !== offset) continue
      const key = await recordText(serdes.key, batch.key(0), topic)
      const value = await recordText(serdes.value, batch.value(0), topic)
      const place = `${partitionKey(topic, partition)}@${offset}`
      records.push({ place, timestamp: batch.timestamp(0), key, value })
    }
    return records
  } finally {
    await consumer.close()
  }
}

class Counting implements Contents<RecordPlace> {
  records = 0
  readonly byPartition: number[] = []
  readonly #hashes: Hashes<RecordPlace>
  readonly #options: ContentsOptions
  /** The last record of each key, where only that counts. */
  readonly #last = new Map<string, { readonly hash: string; readonly place: RecordPlace }>()

  constructor(options: ContentsOptions) {
    this.#options = options
    this.#hashes = new Hashes(options.sampleEvery)
  }

  get hashes(): Contents<RecordPlace>['hashes'] {
    return this.#hashes.all
  }

  /** The topic has so many partitions: those without a record are listed as well. */
  widen(partitions: number): void {
    while (this.byPartition.length < partitions) this.byPartition.push(0)
  }

  add(batch: RecordBatch, index: number): void {
    if (!this.#options.isCounted(batch.timestamp(index))) return
    this.records++
    this.widen(batch.partition + 1)
    this.byPartition[batch.partition] = (this.byPartition[batch.partition] ?? 0) + 1
    const key = this.#options.isLastOfKey ? batch.key(index) : null
    const place = { partition: batch.partition, offset: batch.offset(index) }
    const hash = hashOf(batch, index)
    if (key === null) this.#hashes.add(hash, place)
    else this.#last.set(Buffer.from(key).toString('latin1'), { hash, place })
  }

  /** Nothing more comes. */
  end(): void {
    for (const { hash, place } of this.#last.values()) this.#hashes.add(hash, place)
  }
}

/** Of key, value, time and headers without the mark. */
function hashOf(batch: RecordBatch, index: number): string {
  const headers = batch.headers(index).filter(({ key }) => key !== replayHeader)
  const parts = [
    batch.key(index),
    batch.value(index),
    ...headers.flatMap(({ key, value }) => [Buffer.from(key), value]),
  ]
  const lengths = parts.map((part) => part?.length ?? -1).join(',')
  const bytes = Buffer.concat([
    Buffer.from(`${batch.timestamp(index)};${lengths};`),
    ...parts.map((part) => part ?? noBytes),
  ])
  return hash('sha256', bytes, 'hex').slice(0, 32)
}

const noBytes = new Uint8Array(0)
