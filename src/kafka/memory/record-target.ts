import type { Bytes } from '../../core/bytes.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import type { MemoryCluster } from './cluster.ts'

/** Where the records of a producer go. */
export interface RecordTarget {
  /** How long a record that is sent now is in flight. */
  readonly delayMs: number
  /** The error that the cluster would answer; undefined where it takes the record. */
  refusal(topic: string, partition: number, key: Bytes | null, bytes: number): MillraceError | undefined
  /** Returns the offset. Throws the refusal. */
  append(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): number
}

/** The logs themselves, without a transaction. */
export function plainTarget(cluster: MemoryCluster): RecordTarget {
  return {
    get delayMs() {
      return cluster.faults.sendDelayMs
    },
    refusal(topic, partition, key, bytes) {
      const known = cluster.topics.get(topic)
      return known === undefined ? unknownTopic(topic) : known.refusal(partition, key, bytes)
    },
    append: (...record) => cluster.append(...record),
  }
}

function unknownTopic(topic: string): MillraceError {
  return new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'retriable', `topic ${topic} does not exist: create it`, {
    details: { topic },
  })
}
