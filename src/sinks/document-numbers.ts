import { randomUUID } from 'node:crypto'

/**
 * Tells the documents of one sink in one task apart. What a record gives at once is numbered in the order in which it
 * comes, over all nodes that write to the sink: a second delivery of the record gives each the same number.
 */
export class DocumentNumbers {
  readonly #run = randomUUID()
  #moments = 0
  #topic = ''
  #partition = -1
  #offset = -1
  #sequence = 0
  /** How many documents of this interval had the same identity before; only of what was held, and released twice. */
  readonly #counts = new Map<string, number>()

  /** The place of a document among those of its source record. Those of one record come in a row. */
  next(topic: string, partition: number, offset: number): number {
    if (offset === this.#offset && partition === this.#partition && topic === this.#topic) return ++this.#sequence
    this.#topic = topic
    this.#partition = partition
    this.#offset = offset
    this.#sequence = 0
    return 0
  }

  /** The current record failed and comes again, with the same documents. */
  recordFailed(): void {
    this.#offset = -1
  }

  /** The place among documents with this identity. */
  nextOf(identity: string): number {
    const count = this.#counts.get(identity) ?? 0
    this.#counts.set(identity, count + 1)
    return count
  }

  /** For a document that nothing makes known again. */
  moment(): string {
    return `${this.#run}-${this.#moments++}`
  }

  /** Documents that were held under an identity of this interval do not come again. */
  committed(): void {
    if (this.#counts.size > 0) this.#counts.clear()
  }
}

/** Numbers of one task, by sink. A task that is created again starts again, as its records are processed again. */
export class TaskDocumentNumbers {
  readonly #bySink = new Map<string, DocumentNumbers>()

  /** The task's nodes share them. */
  of(sink: string): DocumentNumbers {
    const numbers = this.#bySink.get(sink) ?? new DocumentNumbers()
    this.#bySink.set(sink, numbers)
    return numbers
  }

  recordFailed(): void {
    for (const numbers of this.#bySink.values()) numbers.recordFailed()
  }

  committed(): void {
    for (const numbers of this.#bySink.values()) numbers.committed()
  }
}
