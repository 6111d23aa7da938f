import type { Clock } from '../core/clock.ts'
import { partitionKey, type TopicPartition } from '../kafka/port.ts'
import type { SinkShare } from './sink-share.ts'

/** What a replay may do at the moment: set by its runner, asked before each release of records. */
export interface FrontOptions {
  readonly clock: Clock
  /** The most that one partition may be ahead of another, by record time. */
  readonly skewMs: number
  /** The partitions that have something to read: as long as one is unknown, nothing is released. */
  readonly partitions: readonly TopicPartition[]
  /** How busy its sinks may be. */
  readonly sinkShare: SinkShare
}

/**
 * How far all partitions of a replay are, by record time, in this process and in others: records are released up to the
 * lowest time and the skew. Also holds them back while the replay is paused, or faster than it may be.
 */
export class ReplayFront {
  readonly #clock: Clock
  readonly #skewMs: number
  readonly #sinkShare: SinkShare
  /** By partition: the time of the next record that is not released; infinity at its end. */
  readonly #nextMs = new Map<string, number>()
  /** What this process has reported; other processes' times do not replace it. */
  readonly #own = new Set<string>()
  #isHeld = false
  #recordsPerMs = Number.POSITIVE_INFINITY
  #bytesPerMs = Number.POSITIVE_INFINITY
  #recordsLeft = 0
  #bytesLeft = 0
  #filledMs: number
  /** Records released by this process. */
  released = 0

  constructor({ clock, skewMs, partitions, sinkShare }: FrontOptions) {
    this.#sinkShare = sinkShare
    this.#clock = clock
    this.#skewMs = skewMs
    this.#filledMs = clock.monotonicMs()
    for (const { topic, partition } of partitions)
      this.#nextMs.set(partitionKey(topic, partition), Number.NEGATIVE_INFINITY)
  }

  /** Nothing is released while it is held: paused, or the live group is too far behind. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
  }

  /** This process's share of the throttle. */
  setRates(recordsPerSecond: number | undefined, bytesPerSecond: number | undefined): void {
    this.#recordsPerMs = (recordsPerSecond ?? Number.POSITIVE_INFINITY) / 1000
    this.#bytesPerMs = (bytesPerSecond ?? Number.POSITIVE_INFINITY) / 1000
  }

  /** The next time of a partition that this process reads. */
  report(key: string, nextMs: number): void {
    this.#own.add(key)
    this.#nextMs.set(key, nextMs)
  }

  /** This process no longer reads it: where it is comes from others. */
  leave(key: string): void {
    this.#own.delete(key)
  }

  /** What another process has reported. */
  learn(key: string, nextMs: number): void {
    if (this.#nextMs.has(key) && !this.#own.has(key)) this.#nextMs.set(key, nextMs)
  }

  /** What this process has reported, for others. */
  get reported(): ReadonlyMap<string, number> {
    return new Map([...this.#own].map((key) => [key, this.#nextMs.get(key) ?? Number.NEGATIVE_INFINITY]))
  }

  /** Records of this time and before may be released. */
  get limitMs(): number {
    let lowMs = Number.POSITIVE_INFINITY
    for (const nextMs of this.#nextMs.values()) if (nextMs < lowMs) lowMs = nextMs
    return lowMs + this.#skewMs
  }

  /** How many records may be released now; 0: none. Bytes are paid back later. */
  get allowance(): number {
    if (this.#isHeld || this.#sinkShare.isSpent) return 0
    this.#fill()
    return this.#bytesLeft > 0 ? Math.max(0, Math.ceil(this.#recordsLeft)) : 0
  }

  /** These were released. */
  spend(records: number, bytes: number): void {
    this.released += records
    this.#recordsLeft -= records
    this.#bytesLeft -= bytes
  }

  #fill(): void {
    const nowMs = this.#clock.monotonicMs()
    const elapsedMs = nowMs - this.#filledMs
    this.#filledMs = nowMs
    this.#recordsLeft = filled(this.#recordsLeft, this.#recordsPerMs, elapsedMs)
    this.#bytesLeft = filled(this.#bytesLeft, this.#bytesPerMs, elapsedMs)
  }
}

/** At most what a second brings is kept. */
function filled(left: number, perMs: number, elapsedMs: number): number {
  if (perMs === Number.POSITIVE_INFINITY) return perMs
  return Math.min(perMs * 1000, left + perMs * elapsedMs)
}
