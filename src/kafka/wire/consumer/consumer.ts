import { MillraceError } from '../../../core/errors.ts'
import {
  type Consumer,
  type ConsumerOptions,
  type GroupMetadata,
  type OffsetAndMetadata,
  partitionKey,
  type StartOffset,
  type StartPosition,
  type TopicPartition,
} from '../../port.ts'
import type { RecordBatch } from '../../record-batch.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { compileConsumerOptions, type ConsumerConfig } from './consumer-config.ts'
import { FetchPartition } from './fetch-partition.ts'
import { Fetcher } from './fetcher.ts'
import { commitOffsets, fetchCommitted } from '../group/offsets.ts'

/** Decompressed bytes after which `poll` returns what it has, so that no caller gets a whole buffer at once. */
const pollBytes = 2 * 1024 * 1024

/** The port's consumer; its fetches have their own lane. */
export class WireConsumer implements Consumer {
  readonly #cluster: Cluster
  readonly #config: ConsumerConfig
  readonly #lane: Lane
  /** In the order in which they are taken from; whoever gave a batch goes to the end. */
  readonly #partitions = new Map<string, FetchPartition>()
  /** As the group told them last: where reading begins there, the leader must have what was read before. */
  readonly #committed = new Map<string, { readonly offset: number; readonly leaderEpoch: number }>()
  readonly #fetcher: Fetcher
  /** Ends the waiting `poll`. */
  #endWait: (() => void) | undefined
  /** Kept until a `poll` has seen it, so that none is missed between two. */
  #isWoken = false
  #isClosed = false
  /** For the driver, which forgets what has ended. */
  onEnd: () => void = () => {}

  constructor(cluster: Cluster, options: ConsumerOptions, lane: Lane) {
    this.#cluster = cluster
    this.#config = compileConsumerOptions(options, cluster.config.requestTimeoutMs)
    this.#lane = lane
    this.#fetcher = new Fetcher(cluster, this.#config, lane, this.#partitions, () => this.#endWait?.())
  }

  assign(partitions: readonly StartPosition[]): void {
    const unknownTopics = new Set<string>()
    for (const start of partitions) {
      const { topic, partition } = start
      const key = partitionKey(topic, partition)
      const assigned = this.#partitions.get(key)
      const committed = this.#committed.get(key)
      const epoch = committed?.offset === start.offset ? committed.leaderEpoch : -1
      if (assigned === undefined) this.#partitions.set(key, new FetchPartition(start, epoch))
      else assigned.startAt(start, epoch)
      if (this.#cluster.topicMetadata(topic) === undefined) unknownTopics.add(topic)
    }
    if (unknownTopics.size > 0) this.#cluster.refreshSoon(unknownTopics)
    this.#fetcher.schedule()
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#partitions.delete(partitionKey(topic, partition))
    this.#fetcher.schedule()
  }

  assignment(): readonly TopicPartition[] {
    return Array.from(this.#partitions.values(), ({ topic, partition }) => ({ topic, partition }))
  }

  seek(partition: TopicPartition, offset: StartOffset): void {
    this.#assigned(partition).moveTo(offset)
    this.#fetcher.schedule()
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assigned(partition).pause()
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assigned(partition).resume()
    this.#fetcher.schedule()
  }

  async poll(maxWaitMs: number): Promise<readonly RecordBatch[]> {
    const { clock } = this.#cluster.config
    const deadlineMs = clock.monotonicMs() + maxWaitMs
    // Sockets and timers get their turn also while there is always something to take.
    await new Promise<void>((resolve) => setImmediate(resolve))
    for (;;) {
      // Before taking: partitions that always have something must not keep another one's error from being told.
      this.#throwIfFailed()
      const batches = this.#take()
      this.#fetcher.schedule()
      if (batches.length > 0) return batches
      this.#throwIfFailed()
      const waitMs = deadlineMs - clock.monotonicMs()
      if (waitMs <= 0 || this.#isWoken) {
        this.#isWoken = false
        return batches
      }
      await this.#wait(waitMs)
    }
  }

  wakeup(): void {
    this.#isWoken = true
    this.#endWait?.()
  }

  position({ topic, partition }: TopicPartition): number | undefined {
    return this.#partitions.get(partitionKey(topic, partition))?.position
  }

  topicId({ topic, partition }: TopicPartition): string | undefined {
    return this.#partitions.get(partitionKey(topic, partition))?.topicId
  }

  endOffset({ topic, partition }: TopicPartition): number | undefined {
    if (!this.#cluster.isLeaderWell(topic, partition)) return undefined
    return this.#partitions.get(partitionKey(topic, partition))?.endOffset
  }

  async committed(groupId: string, partitions: readonly TopicPartition[]): Promise<readonly OffsetAndMetadata[]> {
    const offsets = await fetchCommitted(this.#cluster, groupId, partitions, this.#cluster.config.requestTimeoutMs)
    return offsets.map(({ leaderEpoch, ...offset }) => {
      const { topic, partition } = offset
      this.#committed.set(partitionKey(topic, partition), { offset: offset.offset, leaderEpoch })
      return offset
    })
  }

  commit(offsets: readonly OffsetAndMetadata[], group: GroupMetadata, timeoutMs: number): Promise<void> {
    const epochBefore = ({ topic, partition, offset }: OffsetAndMetadata): number =>
      this.#partitions.get(partitionKey(topic, partition))?.epochBefore(offset) ?? -1
    return commitOffsets(this.#cluster, offsets, group, timeoutMs, epochBefore)
  }

  async close(): Promise<void> {
    this.end()
  }

  /** A `poll` that waits, and every later one, rejects with DRIVER_CLOSED. */
  end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.onEnd()
    this.#fetcher.stop()
    this.#partitions.clear()
    this.#cluster.closeLane(this.#lane)
    this.#endWait?.()
  }

  /** A batch of each partition in turn, until there is enough. */
  #take(): readonly RecordBatch[] {
    const batches: RecordBatch[] = []
    let bytes = 0
    for (let isAny = true; isAny && bytes < pollBytes; ) {
      isAny = false
      for (const [key, partition] of [...this.#partitions]) {
        if (bytes >= pollBytes) break
        const batch = takeFrom(partition)
        if (batch === undefined) continue
        isAny = true
        bytes += batch.byteLength
        batches.push(batch)
        this.#partitions.delete(key)
        this.#partitions.set(key, partition)
      }
    }
    return batches
  }

  #throwIfFailed(): void {
    if (this.#isClosed) throw closed()
    if (this.#fetcher.failure !== undefined) throw this.#fetcher.failure
    for (const partition of this.#partitions.values()) if (partition.error !== undefined) throw partition.error
  }

  #wait(maxWaitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        this.#endWait = undefined
        resolve()
      }
      const timer = this.#cluster.config.clock.setTimer(Math.ceil(maxWaitMs), end)
      this.#endWait = end
    })
  }

  #assigned({ topic, partition }: TopicPartition): FetchPartition {
    const assigned = this.#partitions.get(partitionKey(topic, partition))
    if (assigned !== undefined) return assigned
    throw new MillraceError(
      'NOT_ASSIGNED',
      'fatal',
      `partition ${topic}-${partition} is not assigned to this consumer: assign it first`,
      { details: { topic, partition } },
    )
  }
}

/** An error stays at the partition, and is thrown after the records before it were returned. */
function takeFrom(partition: FetchPartition): ReturnType<FetchPartition['take']> {
  if (partition.isPaused || partition.error !== undefined || !partition.hasFetched) return undefined
  try {
    return partition.take()
  } catch (error) {
    partition.failedForGood(error)
    return undefined
  }
}

function closed(): MillraceError {
  return new MillraceError(
    'DRIVER_CLOSED',
    'fatal',
    'the consumer or its driver is closed: it cannot be polled any more',
  )
}
