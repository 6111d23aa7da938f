import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { MemoryCluster } from '../kafka/memory/cluster.ts'

/** A record as it lies in a topic of a cluster in memory. */
export interface MemoryRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly headers: Headers
}

/** The committed records of a topic, one partition after the other: as far as a reader of committed records gets. */
export function* memoryRecords(cluster: MemoryCluster, topic: string): Generator<MemoryRecord> {
  for (const [partition, log] of cluster.topic(topic).logs.entries()) {
    for (let next = log.startOffset; ; ) {
      const batch = log.read(next, Number.MAX_SAFE_INTEGER)
      if (batch === undefined) break
      for (let index = 0; index < batch.count; index++) {
        yield {
          partition,
          offset: batch.offset(index),
          timestamp: batch.timestamp(index),
          key: batch.key(index),
          value: batch.value(index),
          headers: batch.headers(index),
        }
      }
      next = batch.nextOffset
    }
  }
}

/**
 * How many committed records of a topic a group has not committed yet. Markers of transactions are not records, although
 * they take offsets.
 */
export function uncommittedRecords(cluster: MemoryCluster, groupId: string, topic: string): number {
  const { logs } = cluster.topic(topic)
  const committed = cluster.group(groupId).committed(logs.map((_, partition) => ({ topic, partition })))
  const offsets = new Map(committed.map(({ partition, offset }) => [partition, offset]))
  return logs.reduce((sum, log, partition) => sum + log.countCommitted(offsets.get(partition) ?? log.startOffset), 0)
}
