import { MillraceError } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import type { Headers } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import type { CapturedRecord } from './capture.ts'

export interface TestSerdes<K, V> {
  readonly key: Serde<K>
  readonly value: Serde<V>
}

export interface TestRecord<K, V> {
  readonly key: K | null
  readonly value: V | null
  readonly timestamp: number
  readonly headers: Headers
}

/** Records that carry no timestamp get `startMs`, and each one after the first `advanceMs` more. */
export interface TestInputOptions {
  readonly startMs?: number | undefined
  readonly advanceMs?: number | undefined
}

/** Times of several records: the first one's, and how far apart they are; 0 unless given. */
export interface TestInputTimes {
  readonly startMs: number
  readonly advanceMs?: number | undefined
}

function timeOf(times: TestInputTimes | undefined, index: number): number | undefined {
  return times === undefined ? undefined : times.startMs + index * (times.advanceMs ?? 0)
}

/** Pipes typed records into the driver; each call returns when everything that the record causes is done. */
export class TestInputTopic<K, V> {
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

  /** With `startMs` the values have times of their own, `advanceMs` apart; the topic's time stays where it is. */
  pipeValues(values: readonly (V | null)[], times?: TestInputTimes): void {
    for (const [index, value] of values.entries()) this.pipeInput(null, value, timeOf(times, index))
  }

  /** Times as in `pipeValues`. */
  pipeKeyValues(entries: readonly (readonly [K | null, V | null])[], times?: TestInputTimes): void {
    for (const [index, [key, value]] of entries.entries()) this.pipeInput(key, value, timeOf(times, index))
  }

  advanceTime(byMs: number): void {
    if (!(byMs >= 0)) throw new MillraceError('TEST_TIME', 'fatal', `advanceTime by ${byMs}: time only goes forward`)
    this.#nextMs += byMs
  }
}

/**
 * Reads typed records of one topic in the order in which they were produced; each is read once. Reading throws
 * UNKNOWN_TOPIC where the topology cannot write to the topic.
 */
export class TestOutputTopic<K, V> {
  readonly name: string
  readonly #serdes: TestSerdes<K, V>
  readonly #queue: () => CapturedRecord[]

  constructor(name: string, serdes: TestSerdes<K, V>, queue: () => CapturedRecord[]) {
    this.name = name
    this.#serdes = serdes
    this.#queue = queue
  }

  get queueSize(): number {
    return this.#queue().length
  }

  get isEmpty(): boolean {
    return this.queueSize === 0
  }

  /** undefined when there is none. */
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

  readKeyValue(): readonly [K | null, V | null] | undefined {
    const record = this.readRecord()
    return record === undefined ? undefined : [record.key, record.value]
  }

  readValue(): V | null | undefined {
    return this.readRecord()?.value
  }

  readRecordsToList(): TestRecord<K, V>[] {
    const records: TestRecord<K, V>[] = []
    for (let record = this.readRecord(); record !== undefined; record = this.readRecord()) records.push(record)
    return records
  }

  readKeyValuesToList(): (readonly [K | null, V | null])[] {
    return this.readRecordsToList().map(({ key, value }) => [key, value] as const)
  }

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
