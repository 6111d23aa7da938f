import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import type { Headers } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import type { CapturedRecord } from './capture.ts'

/** The serdes of one topic of a test. */
export interface TestSerdes<K, V> {
  /** The serde of the keys. */
  readonly key: Serde<K>
  /** The serde of the values. */
  readonly value: Serde<V>
}

/** A record with its key and value deserialized. */
export interface TestRecord<K, V> {
  /** The key; null when the record has none. */
  readonly key: K | null
  /** The value; null for a tombstone. */
  readonly value: V | null
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** The headers; empty when it has none. */
  readonly headers: Headers
}

/** The first record without a timestamp gets `startMs`; each next one gets a time that is `advanceMs` later. */
export interface TestInputOptions {
  /** The time of the first record, in milliseconds since the epoch. Default: the wall clock of the driver. */
  readonly startMs?: number | undefined
  /** How much later each next record is, in milliseconds. Default 0. */
  readonly advanceMs?: number | undefined
}

/** Times of several records: the time of the first one, and how far apart they are; both are 0 unless given. */
export interface TestInputTimes {
  /** The time of the first record, in milliseconds since the epoch. */
  readonly startMs: number
  /** How much later each next record is, in milliseconds. Default 0. */
  readonly advanceMs?: number | undefined
}

function timeOf(times: TestInputTimes | undefined, index: number): number | undefined {
  return times === undefined ? undefined : times.startMs + index * (times.advanceMs ?? 0)
}

/** Pipes typed records into the driver; each call returns when everything that the record causes is done. */
export class TestInputTopic<K, V> {
  /** The name of the topic. */
  readonly name: string
  readonly #serdes: TestSerdes<K, V>
  readonly #pipe: (record: CapturedRecord) => void
  readonly #advanceMs: number
  #nextMs: number

  constructor(
    name: string,
    serdes: TestSerdes<K, V>,
    options: TestInputOptions & { readonly startMs: number },
    pipe: (record: CapturedRecord) => void,
  ) {
    this.name = name
    this.#serdes = serdes
    this.#nextMs = options.startMs
    this.#advanceMs = options.advanceMs ?? 0
    this.#pipe = pipe
  }

  /**
   * Pipes one record. Without `timestamp` it gets the time of the topic, which then advances by `advanceMs`. Throws
   * what the topology throws, and UNKNOWN_TOPIC when no source reads the topic.
   */
  pipeInput(key: K | null, value: V | null, timestamp?: number, headers: Headers = noHeaders): void {
    const { key: keySerde, value: valueSerde } = this.#serdes
    let time = timestamp
    if (time === undefined) {
      time = this.#nextMs
      this.#nextMs += this.#advanceMs
    }
    this.#pipe({
      topic: this.name,
      key: key === null ? null : keySerde.serialize(key, this.name, headers),
      value: value === null ? null : valueSerde.serialize(value, this.name, headers),
      timestamp: time,
      headers,
    })
  }

  /**
   * Pipes several values without keys. With `startMs` the values have their own times, `advanceMs` apart, and the
   * topic's time does not change.
   */
  pipeValues(values: readonly (V | null)[], times?: TestInputTimes): void {
    for (const [index, value] of values.entries()) this.pipeInput(null, value, timeOf(times, index))
  }

  /** Pipes several records; times are as in `pipeValues`. */
  pipeKeyValues(entries: readonly (readonly [K | null, V | null])[], times?: TestInputTimes): void {
    for (const [index, [key, value]] of entries.entries()) this.pipeInput(key, value, timeOf(times, index))
  }

  /** Moves the time of the topic forward, for records without a timestamp. Throws TEST_TIME for a negative `byMs`. */
  advanceTime(byMs: number): void {
    if (!(byMs >= 0)) throw new MillraceError('TEST_TIME', 'fatal', `advanceTime got ${byMs}: time only moves forward`)
    this.#nextMs += byMs
  }
}

/**
 * Reads typed records of one topic in the order in which they were produced; each is read once. Reading throws
 * UNKNOWN_TOPIC where the topology cannot write to the topic.
 */
export class TestOutputTopic<K, V> {
  /** The name of the topic. */
  readonly name: string
  readonly #serdes: TestSerdes<K, V>
  readonly #queue: () => CapturedRecord[]

  constructor(name: string, serdes: TestSerdes<K, V>, queue: () => CapturedRecord[]) {
    this.name = name
    this.#serdes = serdes
    this.#queue = queue
  }

  /** How many records have not been read yet. */
  get queueSize(): number {
    return this.#queue().length
  }

  /** True when every record has been read. */
  get isEmpty(): boolean {
    return this.queueSize === 0
  }

  /** Reads the next record; undefined when there is none. */
  readRecord(): TestRecord<K, V> | undefined {
    const record = this.#queue().shift()
    if (record === undefined) return undefined
    const { key, value, timestamp, headers } = record
    return {
      key: key === null ? null : this.#serdes.key.deserialize(key, this.name, headers),
      value: value === null ? null : this.#serdes.value.deserialize(value, this.name, headers),
      timestamp,
      headers,
    }
  }

  /** Key and value of the next record; undefined when there is none. */
  readKeyValue(): readonly [K | null, V | null] | undefined {
    const record = this.readRecord()
    return record === undefined ? undefined : [record.key, record.value]
  }

  /** The value of the next record; null for a tombstone, undefined when there is no record. */
  readValue(): V | null | undefined {
    return this.readRecord()?.value
  }

  /** All records that have not been read yet, in order. */
  readRecordsToList(): TestRecord<K, V>[] {
    const records: TestRecord<K, V>[] = []
    for (let record = this.readRecord(); record !== undefined; record = this.readRecord()) records.push(record)
    return records
  }

  /** Key and value of all records that have not been read yet, in order. */
  readKeyValuesToList(): (readonly [K | null, V | null])[] {
    return this.readRecordsToList().map(({ key, value }) => [key, value] as const)
  }

  /** The values of all records that have not been read yet, in order. */
  readValuesToList(): (V | null)[] {
    return this.readRecordsToList().map(({ value }) => value)
  }

  /** The last value of each key; a tombstone deletes the key. */
  readKeyValuesToMap(): Map<K | null, V> {
    const map = new Map<K | null, V>()
    for (const { key, value } of this.readRecordsToList()) {
      if (value === null) map.delete(key)
      else map.set(key, value)
    }
    return map
  }
}
