import { type Admin, type Consumer, type KafkaDriver, partitionKey, type TopicPartition } from '../kafka/port.ts'
import type { Topology } from '../topology/topology.ts'
import type { ReplayPlan } from './plan.ts'
import { internalTopicsOf } from './source-topics.ts'

/** How many offsets of a partition are processed and committed, of how many. */
export interface PartitionProgress extends TopicPartition {
  /** Offsets that are processed and committed. */
  readonly done: number
  /** Offsets that the plan has. */
  readonly total: number
}

/** How far a replay is, read from the cluster alone: any process may ask. */
export class ReplayProgress {
  readonly consumer: Consumer
  readonly #plan: ReplayPlan
  readonly #repartition: readonly string[]
  readonly #admin: Admin

  constructor(plan: ReplayPlan, topology: Topology, driver: KafkaDriver) {
    this.#plan = plan
    this.#repartition = internalTopicsOf(topology, plan.shadowId).repartition
    this.#admin = driver.admin()
    this.consumer = driver.consumer({
      clientId: `${plan.shadowId}-progress`,
      isolationLevel: 'read_committed',
      offsetReset: () => 'none',
      fetchMinBytes: 1,
      fetchMaxBytes: 1024,
      partitionFetchMaxBytes: 1024,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: 1024,
    })
  }

  /** By partition of the plan: offsets that are committed, and all of them. */
  async read(): Promise<readonly PartitionProgress[]> {
    const committed = await this.#committed(this.#plan.shadowId, this.#plan.partitions)
    return this.#plan.partitions.map(({ topic, partition, startOffset, endOffset }) => {
      const offset = committed.get(partitionKey(topic, partition)) ?? startOffset
      const done = Math.min(Math.max(offset, startOffset), endOffset) - startOffset
      return { topic, partition, done, total: endOffset - startOffset }
    })
  }

  /** What retention has deleted since the plan was made, before it was read: partitions with their offsets. */
  async deleted(): Promise<readonly string[]> {
    const committed = await this.#committed(this.#plan.shadowId, this.#plan.partitions)
    const places = this.#plan.partitions.map(({ topic, partition }) => ({ topic, partition, at: 'earliest' as const }))
    const logs = await this.#admin.listOffsets(places, 'read_committed')
    const startOf = new Map(logs.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
    return this.#plan.partitions.flatMap(({ topic, partition, startOffset, endOffset }) => {
      const key = partitionKey(topic, partition)
      const nextOffset = Math.max(startOffset, committed.get(key) ?? startOffset)
      const goneBefore = Math.min(startOf.get(key) ?? 0, endOffset)
      return goneBefore > nextOffset ? [`${key} from ${nextOffset} to ${goneBefore - 1}`] : []
    })
  }

  /**
   * Every partition is at its end, and every repartition topic is read. What is committed is asked first: its outputs
   * are acknowledged, so that the ends asked afterwards hold all that the stages before have written. While there is
   * input to read, the repartition topics are not asked for.
   */
  async isComplete(): Promise<boolean> {
    const inputs = await this.read()
    if (inputs.some(({ done, total }) => done < total)) return false
    const between = await this.#partitionsOf(this.#repartition)
    if (between.length === 0) return true
    const committed = await this.#committed(this.#plan.shadowId, between)
    const ends = await this.#ends(between)
    return ends.every(({ topic, partition, offset }) => (committed.get(partitionKey(topic, partition)) ?? 0) >= offset)
  }

  /** How many records the live group is behind, over all topics that it has committed. */
  async liveLag(): Promise<number> {
    const committed = await this.#admin.groupOffsets(this.#plan.applicationId)
    const ends = await this.#ends(committed)
    const endOf = new Map(ends.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
    return committed.reduce((sum, { topic, partition, offset }) => {
      return sum + Math.max(0, (endOf.get(partitionKey(topic, partition)) ?? 0) - offset)
    }, 0)
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.consumer.close(), this.#admin.close()])
  }

  async #committed(groupId: string, partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>> {
    const offsets = await this.consumer.committed(groupId, partitions)
    return new Map(offsets.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
  }

  async #partitionsOf(topics: readonly string[]): Promise<readonly TopicPartition[]> {
    if (topics.length === 0) return []
    const described = await this.#admin.describeTopics(topics)
    return described.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })))
  }

  #ends(partitions: readonly TopicPartition[]): Promise<readonly (TopicPartition & { readonly offset: number })[]> {
    return this.#admin.listOffsets(
      partitions.map(({ topic, partition }) => ({ topic, partition, at: 'latest' })),
      'read_committed',
    )
  }
}
