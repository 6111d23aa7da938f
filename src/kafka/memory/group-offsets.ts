import { type OffsetAndMetadata, partitionKey, type TopicPartition } from '../port.ts'

interface NumberedOffset {
  readonly offset: OffsetAndMetadata
  /** Which commit of the group it comes from. */
  readonly sequence: number
}

/**
 * What a group has committed, and what open transactions will have committed at their end. Of two commits in one
 * partition the later call counts, even if its transaction ends first.
 */
export class GroupOffsets {
  readonly #committed = new Map<string, Map<number, NumberedOffset>>()
  /** By transaction, then by partition. */
  readonly #pending = new Map<object, Map<string, NumberedOffset>>()
  #sequence = 0
  #waiting = new Set<() => void>()

  commit(offsets: readonly OffsetAndMetadata[]): void {
    const sequence = ++this.#sequence
    for (const offset of offsets) this.#put({ offset, sequence })
  }

  #put(committed: NumberedOffset): void {
    const { topic, partition } = committed.offset
    const partitions = this.#committed.get(topic) ?? new Map<number, NumberedOffset>()
    const known = partitions.get(partition)
    if (known !== undefined && known.sequence > committed.sequence) return
    this.#committed.set(topic, partitions.set(partition, committed))
  }

  /** The offsets count when the transaction is committed. */
  addPending(transaction: object, offsets: readonly OffsetAndMetadata[]): void {
    const sequence = ++this.#sequence
    const pending = this.#pending.get(transaction) ?? new Map<string, NumberedOffset>()
    for (const offset of offsets) pending.set(partitionKey(offset.topic, offset.partition), { offset, sequence })
    this.#pending.set(transaction, pending)
  }

  /** Does nothing for a transaction that has no offsets here. */
  endPending(transaction: object, isCommitted: boolean): void {
    const pending = this.#pending.get(transaction)
    if (pending === undefined) return
    this.#pending.delete(transaction)
    if (isCommitted) for (const each of pending.values()) this.#put(each)
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const callback of waiting) callback()
  }

  /** A partition whose committed offset an open transaction may change; undefined where there is none. */
  firstPending(partitions: readonly TopicPartition[]): TopicPartition | undefined {
    if (this.#pending.size === 0) return undefined
    for (const pending of this.#pending.values()) {
      const found = partitions.find(({ topic, partition }) => pending.has(partitionKey(topic, partition)))
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Called once, when a transaction with offsets ends. Returns how to stop waiting. */
  onceDecided(callback: () => void): () => void {
    this.#waiting.add(callback)
    return () => void this.#waiting.delete(callback)
  }

  /** Of the partitions that were ever committed only, as in the port. */
  of(partitions: readonly TopicPartition[]): readonly OffsetAndMetadata[] {
    return partitions.flatMap(({ topic, partition }) => this.#committed.get(topic)?.get(partition)?.offset ?? [])
  }

  /** The last commit of each partition, in no order. */
  all(): readonly OffsetAndMetadata[] {
    return [...this.#committed.values()].flatMap((partitions) => [...partitions.values()].map(({ offset }) => offset))
  }

  /** undefined where the group does not read the topic; 0 where it does and has not committed in this partition. */
  offsetIn(topic: string, partition: number): number | undefined {
    const partitions = this.#committed.get(topic)
    return partitions === undefined ? undefined : (partitions.get(partition)?.offset.offset ?? 0)
  }

  /** A deleted topic takes its offsets along. */
  forgetTopic(topic: string): void {
    this.#committed.delete(topic)
    for (const pending of this.#pending.values())
      for (const [key, { offset }] of pending) if (offset.topic === topic) pending.delete(key)
  }
}
