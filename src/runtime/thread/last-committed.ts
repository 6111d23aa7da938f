import type { OffsetAndMetadata, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'

/**
 * What a thread committed for partitions that it no longer owns. Brokers forget the offsets of a topic that is deleted:
 * the thread still knows where it was, and in which topic.
 */
export class LastCommitted {
  readonly #byPartition = new Map<string, OffsetAndMetadata>()

  note(committed: ReadonlyMap<string, OffsetAndMetadata>): void {
    for (const [key, offset] of committed) this.#byPartition.set(key, offset)
  }

  /** What the group told of these partitions, and what is known of the others. */
  complete(told: readonly OffsetAndMetadata[], inputs: readonly TopicPartition[]): readonly OffsetAndMetadata[] {
    const toldKeys = new Set(told.map(({ topic, partition }) => partitionKey(topic, partition)))
    const keys = inputs.map(({ topic, partition }) => partitionKey(topic, partition))
    return [...told, ...keys.flatMap((key) => (toldKeys.has(key) ? [] : (this.#byPartition.get(key) ?? [])))]
  }
}
