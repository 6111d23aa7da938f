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

  pipeValues(values: readonly (V | null)[]): void {
    for (const value of values) this.pipeInput(null, value)
  }

  pipeKeyValues(entries: readonly (readonly [K | null, V | null])[]): void {
    for (const [key, value] of entries) this.pipeInput(key, value)
  }

  advanceTime(byMs: number): void {
    if (!(byMs >= 0)) throw new MillraceError('TEST_TIME', 'fatal', `advanceTime by ${byMs}: time only goes forward`)
    this.#nextMs += byMs
  }
}

/** Reads typed records of one topic in the order in which they were produced; each is read once. */
export class TestOutputTopic<K, V> {
  readonly name: string
  readonly #serdes: TestSerdes<K, V>
  readonly #take: () => CapturedRecord | undefined
  readonly #size: () => number

  constructor(name: string, serdes: TestSerdes<K, V>, take: () => CapturedRecord | undefined, size: () => number) {
    this.name = name
    this.#serdes = serdes
    this.#take = take
    this.#size = size
  }

  get queueSize(): number {
    return this.#size()
  }

  get isEmpty(): boolean {
    return this.#size() === 0
  }

  /** undefined when there is none. */
  readRecord(): TestRecord<K, V> | undefined {
    const record = this.#take()
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
