import type { Cluster } from '../cluster/cluster.ts'
import type { ConsumerConfig } from './consumer-config.ts'
import type { FetchPartition } from './fetch-partition.ts'
import { noTopicId } from '../cluster/metadata.ts'
import type { WantedPartition } from './fetch-session.ts'

type Leaders = Pick<Cluster, 'leaderOf' | 'topicMetadata'>
type PlanBounds = Pick<ConsumerConfig, 'bufferedBytesMax' | 'partitionFetchMaxBytes'>

export interface PlannedFetch {
  readonly partitions: { readonly partition: FetchPartition; readonly wanted: WantedPartition }[]
  /** A partition of this broker is left out because its buffer is full, and will want more soon. */
  isCrowded: boolean
}

/**
 * The next fetch requests, per broker. Each partition may buffer its share of `bufferedBytesMax` plus what one fetch
 * adds above it, so no partition can stop another, nor grow while others are paused. Paused partitions are prefetched
 * too; otherwise a resumed partition would wait for the in-flight long poll of idle partitions.
 */
export class FetchPlan {
  /** By broker; without those that have nothing to ask for. */
  readonly fetches = new Map<number, PlannedFetch>()
  /** Partitions whose start is not a number yet, by leader. */
  readonly lookups = new Map<number, FetchPartition[]>()
  /** No leader is known, or metadata still shows the topic that was deleted. */
  readonly leaderless: FetchPartition[] = []
  /** Their position is in a deleted topic: another one has its name. */
  readonly recreated: FetchPartition[] = []
  /** Of topics without an id, which cannot be asked for. */
  readonly unnamed: FetchPartition[] = []
  /** Not before their `notBeforeMs`, after a failure. */
  readonly delayed: FetchPartition[] = []
  readonly #cluster: Leaders
  readonly #partitionFetchMaxBytes: number

  constructor(cluster: Leaders, config: PlanBounds, partitions: Iterable<FetchPartition>, nowMs: number) {
    this.#cluster = cluster
    this.#partitionFetchMaxBytes = config.partitionFetchMaxBytes
    const all = [...partitions]
    const shareBytes = config.bufferedBytesMax / all.length
    for (const partition of all) if (partition.error === undefined) this.#place(partition, shareBytes, nowMs)
    for (const [nodeId, fetch] of this.fetches) if (fetch.partitions.length === 0) this.fetches.delete(nodeId)
  }

  #place(partition: FetchPartition, shareBytes: number, nowMs: number): void {
    if (partition.notBeforeMs > nowMs) return void this.delayed.push(partition)
    const leader = this.#cluster.leaderOf(partition.topic, partition.partition)
    const topicId = this.#cluster.topicMetadata(partition.topic)?.topicId
    if (leader === undefined || topicId === undefined || partition.isFormerTopic(topicId))
      return void this.leaderless.push(partition)
    if (topicId === noTopicId) return void this.unnamed.push(partition)
    if (!partition.isInTopic(topicId)) return void this.recreated.push(partition)
    if (partition.pendingStart !== undefined) {
      if (!partition.isLookingUp) addTo(this.lookups, leader.leaderId, partition)
      return
    }
    const fetch = this.fetches.get(leader.leaderId) ?? { partitions: [], isCrowded: false }
    this.fetches.set(leader.leaderId, fetch)
    if (partition.bufferedBytes >= shareBytes) {
      fetch.isCrowded = true
      return
    }
    const wanted = {
      topicId,
      partition: partition.partition,
      currentLeaderEpoch: leader.leaderEpoch,
      fetchOffset: partition.fetchOffset,
      lastFetchedEpoch: partition.fetchedEpoch,
      partitionMaxBytes: this.#partitionFetchMaxBytes,
    }
    fetch.partitions.push({ partition, wanted })
  }
}

function addTo(groups: Map<number, FetchPartition[]>, nodeId: number, partition: FetchPartition): void {
  const list = groups.get(nodeId)
  if (list === undefined) groups.set(nodeId, [partition])
  else list.push(partition)
}
