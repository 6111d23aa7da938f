import type { ProducerPartition } from '../producer-partition.ts'

/** Adds the partitions to the transaction, with one request; rejects when they cannot be added. */
export type AddPartitions = (partitions: readonly ProducerPartition[], isWanted: () => boolean) => Promise<void>

/**
 * The partitions of an open transaction that its coordinator knows of, where a batch may be sent only after that. Those
 * that are asked for in one look are added together.
 */
export class AddedPartitions {
  readonly #add: AddPartitions
  readonly #onAdded: () => void
  readonly #onFailed: (error: unknown) => void
  readonly #added = new Set<ProducerPartition>()
  readonly #wanted = new Set<ProducerPartition>()
  #adding: Promise<void> | undefined
  #isWanted = true

  constructor(add: AddPartitions, onAdded: () => void, onFailed: (error: unknown) => void) {
    this.#add = add
    this.#onAdded = onAdded
    this.#onFailed = onFailed
  }

  /** false: it is being added, and `onAdded` follows. */
  has(partition: ProducerPartition): boolean {
    if (this.#added.has(partition)) return true
    this.#wanted.add(partition)
    this.#adding ??= this.#run().finally(() => {
      this.#adding = undefined
    })
    return false
  }

  /** No further partition is asked for. Resolves when the current request has ended. */
  async stop(): Promise<void> {
    this.#isWanted = false
    await this.#adding
  }

  /** For the next transaction. */
  clear(): void {
    this.#added.clear()
    this.#wanted.clear()
    this.#isWanted = true
  }

  async #run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#wanted.size > 0 && this.#isWanted) {
      const partitions = [...this.#wanted]
      this.#wanted.clear()
      try {
        await this.#add(partitions, () => this.#isWanted)
      } catch (error) {
        if (this.#isWanted) this.#onFailed(error)
        return
      }
      for (const partition of partitions) this.#added.add(partition)
      this.#onAdded()
    }
  }
}
