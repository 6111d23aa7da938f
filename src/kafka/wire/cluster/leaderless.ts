import type { Clock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logger.ts'
import { partitionKey, type TopicPartition } from '../../port.ts'
import type { Metadata } from './metadata.ts'
import { noticeableMs, Trouble } from '../../../core/trouble.ts'

/** So many partitions are named in a line. */
const namedMax = 10

interface Leaderless extends TopicPartition {
  readonly sinceMs: number
}

/** Partitions in use that have no leader: since when; logged if it lasts. */
export class LeaderlessPartitions {
  readonly #clock: Clock
  readonly #trouble: Trouble
  #partitions = new Map<string, Leaderless>()

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#trouble = new Trouble(
      clock,
      ({ forMs }) => logger.warn({ ...this.#fields(), forMs: Math.round(forMs) }, 'partitions have no leader, waiting'),
      (forMs) => logger.info({ lastedMs: Math.round(forMs) }, 'all partitions have a leader again'),
    )
  }

  learn(metadata: Metadata): void {
    const before = this.#partitions
    this.#partitions = new Map()
    for (const { name, partitions } of metadata.topics()) {
      for (const { partition, leaderId } of partitions) {
        if (metadata.nodes.has(leaderId)) continue
        const key = partitionKey(name, partition)
        const since = before.get(key) ?? { topic: name, partition, sinceMs: this.#clock.monotonicMs() }
        this.#partitions.set(key, since)
      }
    }
    if (this.#partitions.size === 0) this.#trouble.worked()
  }

  list(): readonly (TopicPartition & { readonly forMs: number })[] {
    const nowMs = this.#clock.monotonicMs()
    return Array.from(this.#partitions.values(), ({ topic, partition, sinceMs }) => ({
      topic,
      partition,
      forMs: nowMs - sinceMs,
    }))
  }

  /** A leader that moves is missing for a moment, which is not worth a log line. */
  look(): void {
    const sinceMs = Math.min(...Array.from(this.#partitions.values(), (each) => each.sinceMs))
    if (this.#clock.monotonicMs() - sinceMs < noticeableMs) return
    const what = `${this.#partitions.size} partitions have no leader`
    this.#trouble.failed(new MillraceError('LEADER_NOT_AVAILABLE', 'retriable', what), sinceMs)
  }

  #fields() {
    return { count: this.#partitions.size, partitions: [...this.#partitions.keys()].slice(0, namedMax) }
  }
}
