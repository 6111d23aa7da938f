import type { RecordBatch } from '../kafka/record-batch.ts'

const offsetText = /^[0-9a-z]{1,11}$/
const radix = 36

/** The next offset to read of every partition: everything before it was seen. */
export class Positions {
  readonly #offsets: Map<string, number[]>
  /** What `toString` gave last; undefined: they have moved since. */
  #text: string | undefined

  /** By topic, in the order that a tail names them. */
  constructor(offsets: ReadonlyMap<string, readonly number[]>) {
    this.#offsets = new Map([...offsets].map(([topic, list]) => [topic, [...list]]))
    this.#text = undefined
  }

  /**
   * Reads what `toString` wrote, by any process that tails the same topics. Undefined where it is of other topics, or of
   * nobody. A partition that it does not know has all its records before it.
   */
  static parse(text: string, topics: readonly string[]): Positions | undefined {
    const lists = text.split('~').map((list) => (list === '' ? [] : list.split('.')))
    if (lists.length !== topics.length || !lists.flat().every((offset) => offsetText.test(offset))) return undefined
    return new Positions(
      new Map(topics.map((topic, index) => [topic, (lists[index] ?? []).map((one) => Number.parseInt(one, radix))])),
    )
  }

  /** 0 for a partition that is not known. */
  at(topic: string, partition: number): number {
    return this.#offsets.get(topic)?.[partition] ?? 0
  }

  set(topic: string, partition: number, offset: number): void {
    const list = this.#offsets.get(topic)
    if (list === undefined) return
    while (list.length < partition) list.push(0)
    list[partition] = offset
    this.#text = undefined
  }

  /** The batch was seen as a whole. */
  pass({ topic, partition, nextOffset }: Pick<RecordBatch, 'topic' | 'partition' | 'nextOffset'>): void {
    this.set(topic, partition, nextOffset)
  }

  /** Moves partitions that are behind `other` to where they are there. */
  raise(other: Positions): void {
    for (const { topic, partition, offset } of other.partitions())
      if (this.at(topic, partition) < offset) this.set(topic, partition, offset)
  }

  /** Whether no partition of it is behind `other`. */
  isAtLeast(other: Positions): boolean {
    return other.partitions().every(({ topic, partition, offset }) => this.at(topic, partition) >= offset)
  }

  partitions(): readonly { readonly topic: string; readonly partition: number; readonly offset: number }[] {
    return [...this.#offsets].flatMap(([topic, list]) =>
      list.map((offset, partition) => ({ topic, partition, offset })),
    )
  }

  copy(): Positions {
    return new Positions(this.#offsets)
  }

  toString(): string {
    this.#text ??= [...this.#offsets.values()].map((list) => list.map((one) => one.toString(radix)).join('.')).join('~')
    return this.#text
  }
}
