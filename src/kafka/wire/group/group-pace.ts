import type { Clock } from '../../../core/clock.ts'

/** After a change of the group, others are likely to follow: members start and stop together. */
const settlingMs = 3000
/** Between two heartbeats meanwhile. */
const settlingBeatMs = 100

/**
 * How soon the next heartbeat is due. Brokers answer and do not call, so a member hears of a rebalance in the answer to
 * its next heartbeat: that comes quickly while the group changes.
 */
export class GroupPace {
  readonly #clock: Clock
  #settledAtMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The group has changed. */
  changed(): void {
    this.#settledAtMs = this.#clock.monotonicMs() + settlingMs
  }

  /** `usualMs`: the time between two heartbeats of a group that does not change. */
  intervalMs(usualMs: number): number {
    return this.#clock.monotonicMs() < this.#settledAtMs ? Math.min(settlingBeatMs, usualMs) : usualMs
  }
}
