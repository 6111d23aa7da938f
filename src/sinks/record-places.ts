import type { Headers } from '../core/headers.ts'
import type { SinkRecord } from './port.ts'

/**
 * Where documents came from, by column: a record would keep its value alive, and thousands of objects that wait for an
 * answer are what a collector suffers from.
 */
export class RecordPlaces {
  readonly #topics: string[] = []
  readonly #partitions: number[] = []
  readonly #offsets: number[] = []
  readonly #sequences: number[] = []
  /** Few documents have one. */
  readonly #identities = new Map<number, string>()
  readonly #timestamps: number[] = []
  readonly #keys: unknown[] = []
  readonly #headers: Headers[] = []

  get length(): number {
    return this.#topics.length
  }

  add(record: SinkRecord): void {
    if (record.identity !== undefined) this.#identities.set(this.#topics.length, record.identity)
    this.#topics.push(record.topic)
    this.#partitions.push(record.partition)
    this.#offsets.push(record.offset)
    this.#sequences.push(record.sequence)
    this.#timestamps.push(record.timestamp)
    this.#keys.push(record.key)
    this.#headers.push(record.headers)
  }

  recordAt(index: number, value: unknown): SinkRecord {
    const identity = this.#identities.get(index)
    return {
      ...(identity === undefined ? {} : { identity }),
      topic: this.#topics[index] as string,
      partition: this.#partitions[index] as number,
      offset: this.#offsets[index] as number,
      sequence: this.#sequences[index] as number,
      timestamp: this.#timestamps[index] as number,
      key: this.#keys[index],
      value,
      headers: this.#headers[index] as Headers,
    }
  }
}
