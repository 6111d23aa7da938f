import { Backoff } from '../../../core/backoff.ts'
import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import { StickyPartitioner } from '../../partitioner.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { loadZstd } from '../codec/compression-zstd.ts'
import { errorCodes, protocolError } from '../connection/protocol-errors.ts'
import { Deadline } from '../connection/retry-until.ts'
import type { ProducerConfig } from './producer-config.ts'

/** The topics that a producer sends to, and which partition takes a record that names none. */
export class ProducerTopics {
  readonly #cluster: Cluster
  readonly #config: ProducerConfig
  readonly #sticky = new Map<string, StickyPartitioner>()
  readonly #prepared = new Set<string>()

  constructor(cluster: Cluster, config: ProducerConfig) {
    this.#cluster = cluster
    this.#config = config
  }

  /** As `Producer.prepareTopics`. */
  async prepare(topics: readonly string[], timeoutMs: number): Promise<void> {
    if (this.#config.compression === 'zstd') await loadZstd()
    for (const topic of topics) this.#prepared.add(topic)
    const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
    const { retryBackoff, clock } = this.#cluster.config
    const backoff = new Backoff(retryBackoff)
    let isAnswered = false
    for (;;) {
      const missing = topics.filter((topic) => this.#cluster.topicMetadata(topic) === undefined)
      if (missing.length === 0) return
      this.#throwIfRefused(missing)
      const waitMs = Math.min(backoff.nextMs(), deadline.remainingMs())
      if (deadline.isOver) throw unknownTopic(missing)
      try {
        await this.#cluster.refresh(missing, deadline.remainingMs())
        isAnswered = true
      } catch (error) {
        // A try that the deadline cuts short does not hide what the answers before it said.
        if (!isAnswered || !deadline.isOver) throw error
      }
      const isDone = missing.every((topic) => this.#cluster.topicMetadata(topic) !== undefined)
      if (!isDone) await clock.sleep(waitMs)
    }
  }

  partitionCount(topic: string): number | undefined {
    return this.#prepared.has(topic) ? this.#cluster.topicMetadata(topic)?.partitions.length : undefined
  }

  /**
   * For a record that names no partition: one partition of the topic until about `batchBytes` went to it, then another,
   * so that batches fill (KIP-794). Throws TOPIC_NOT_PREPARED (fatal).
   */
  choosePartition(topic: string, size: number): number {
    const count = this.partitionCount(topic)
    if (count === undefined) throw notPrepared(topic)
    let sticky = this.#sticky.get(topic)
    if (sticky === undefined) {
      const hasLeader = (partition: number): boolean => this.#cluster.leaderOf(topic, partition) !== undefined
      this.#sticky.set(topic, (sticky = new StickyPartitioner(this.#config.batchBytes, hasLeader)))
    }
    return sticky.choose(count, size)
  }

  /** Fatal answers about a topic do not get better by asking again; that it does not exist may. */
  #throwIfRefused(topics: readonly string[]): void {
    for (const topic of topics) {
      const errorCode = this.#cluster.topicError(topic)
      if (errorCode === undefined || errorCode === errorCodes.unknownTopicOrPartition) continue
      const error = protocolError(errorCode, `looking up topic ${topic}`, { topic })
      if (consequenceOf(error) !== 'retriable') throw error
    }
  }
}

function unknownTopic(topics: readonly string[]): MillraceError {
  const names = topics.join(', ')
  return new MillraceError('UNKNOWN_TOPIC', 'fatal', `topics ${names} do not exist: create them`, {
    details: { topic: topics[0] },
  })
}

function notPrepared(topic: string): MillraceError {
  return new MillraceError(
    'TOPIC_NOT_PREPARED',
    'fatal',
    `the partitions of ${topic} are not known: await prepareTopics(['${topic}']) before the first send`,
    { details: { topic } },
  )
}
