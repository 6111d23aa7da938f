import type { Clock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Consumer, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'

/**
 * How far the group has committed the partitions that standbys follow though tasks process them: a standby of a table
 * that keeps its source topic as its changelog must not hold what the active task has not processed yet, or a failover
 * would process those records against a store that knows them. Looked up in the background, at most once per interval.
 */
export class CommitLimits {
  readonly #consumer: Consumer
  readonly #groupId: string
  readonly #intervalMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #limits = new Map<string, number>()
  #notBeforeMs = 0
  #isRefreshing = false

  constructor(consumer: Consumer, groupId: string, intervalMs: number, clock: Clock, logger: Logger) {
    this.#consumer = consumer
    this.#groupId = groupId
    this.#intervalMs = intervalMs
    this.#clock = clock
    this.#logger = logger
  }

  /** Exclusive; 0 until it is known. */
  of({ topic, partition }: TopicPartition): number {
    return this.#limits.get(partitionKey(topic, partition)) ?? 0
  }

  /** The next `refresh` looks them up whatever the interval. */
  expire(): void {
    this.#notBeforeMs = 0
  }

  /** Begins to look them up when that is due. */
  refresh(partitions: readonly TopicPartition[]): void {
    const nowMs = this.#clock.monotonicMs()
    if (partitions.length === 0 || this.#isRefreshing || nowMs < this.#notBeforeMs) return
    this.#isRefreshing = true
    this.#notBeforeMs = nowMs + this.#intervalMs
    void this.#lookUp(partitions).finally(() => {
      this.#isRefreshing = false
    })
  }

  async #lookUp(partitions: readonly TopicPartition[]): Promise<void> {
    try {
      for (const { topic, partition, offset } of await this.#consumer.committed(this.#groupId, partitions))
        this.#limits.set(partitionKey(topic, partition), offset)
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'standby tasks wait: committed offsets are currently unknown')
    }
  }
}
