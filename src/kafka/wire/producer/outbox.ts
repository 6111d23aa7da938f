import type { Bytes } from '../../../core/bytes.ts'
import type { Headers } from '../../../core/headers.ts'
import { within } from '../../../core/within.ts'
import type { Cluster, Lane } from '../cluster/cluster.ts'
import { recordContentBytes, recordOverheadBytesMax } from '../codec/record-batch-writer.ts'
import { late } from '../connection/retry-until.ts'
import { Accumulator } from './accumulator.ts'
import type { BatchOwner } from './batch-owner.ts'
import type { ProducerConfig } from './producer-config.ts'
import { recordTooLarge } from './producer-errors.ts'
import { ProducerSender, type SenderEvents } from './producer-sender.ts'
import { ProducerTopics } from './producer-topics.ts'
import { Settlement } from './settlement.ts'

/**
 * What every producer does with its records: from `add` through batches to the brokers. When they may be added, and what
 * becomes of those that are refused, is for the producer that has it.
 */
export class Outbox {
  readonly topics: ProducerTopics
  readonly accumulator: Accumulator
  readonly sender: ProducerSender
  readonly settlement = new Settlement()
  readonly #cluster: Cluster
  readonly #config: ProducerConfig

  constructor(
    cluster: Cluster,
    config: ProducerConfig,
    owner: BatchOwner,
    lane: Lane,
    events: Omit<SenderEvents, 'onSettled'>,
  ) {
    this.#cluster = cluster
    this.#config = config
    this.topics = new ProducerTopics(cluster, config)
    this.accumulator = new Accumulator(config, cluster.config.clock)
    const onSettled = (): void => this.settlement.look()
    this.sender = new ProducerSender(cluster, config, this.accumulator, owner, lane, { ...events, onSettled })
  }

  /** As `Producer.send`. Throws RECORD_TOO_LARGE (record) and TOPIC_NOT_PREPARED (fatal). */
  add(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    const contentBytes = recordContentBytes(key, value, headers)
    const sizeBound = contentBytes + recordOverheadBytesMax
    if (sizeBound > this.#config.recordBytesMax) throw recordTooLarge(topic, sizeBound, this.#config)
    const target = partition < 0 ? this.topics.choosePartition(topic, sizeBound) : partition
    if (this.accumulator.append(topic, target, key, value, timestamp, headers, contentBytes)) this.sender.schedule()
  }

  /** Resolves when there is room, or when nothing more will be sent. */
  async drained(isOver: () => boolean): Promise<void> {
    this.sender.schedule()
    await this.settlement.until(() => this.accumulator.hasRoom || isOver())
  }

  /** Resolves when all is acknowledged or has failed, or nothing more will be sent. Rejects with FLUSH_TIMEOUT. */
  async flush(timeoutMs: number, isOver: () => boolean): Promise<void> {
    this.accumulator.isFlushing = true
    this.sender.schedule()
    const done = this.settlement.until(() => this.accumulator.isEmpty || isOver())
    try {
      const isLate = late('FLUSH_TIMEOUT', 'flushing the producer', timeoutMs)
      await within(this.#cluster.config.clock, done, timeoutMs, isLate)
    } finally {
      this.accumulator.isFlushing = false
    }
  }

  acknowledgedOffset(topic: string, partition: number): number | undefined {
    return this.accumulator.partition(topic, partition)?.acknowledgedOffset
  }
}
