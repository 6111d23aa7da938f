import type { Clock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'

/**
 * Whether the stream thread still runs: it polls, and acknowledges events. The member asks before each heartbeat, so
 * that a thread that hangs loses its tasks as in Kafka's clients (KIP-62).
 */
export class GroupLiveness {
  readonly #clock: Clock
  readonly #silenceMaxMs: number
  #polledAtMs: number
  #acknowledgedAtMs: number

  constructor(clock: Clock, silenceMaxMs: number) {
    this.#clock = clock
    this.#silenceMaxMs = silenceMaxMs
    this.#polledAtMs = clock.monotonicMs()
    this.#acknowledgedAtMs = this.#polledAtMs
  }

  /** The thread has called `poll`. */
  polled(): void {
    this.#polledAtMs = this.#clock.monotonicMs()
  }

  /** Also when the first of new events is returned. */
  acknowledged(): void {
    this.#acknowledgedAtMs = this.#clock.monotonicMs()
  }

  /** Throws POLL_TIMEOUT (task-migrated) for a thread that hangs: it must not hold its tasks, others take them over. */
  check(hasUnacknowledged: boolean): void {
    const sinceMs = hasUnacknowledged ? Math.min(this.#polledAtMs, this.#acknowledgedAtMs) : this.#polledAtMs
    const silentMs = this.#clock.monotonicMs() - sinceMs
    if (silentMs <= this.#silenceMaxMs) return
    const what = `the thread did not poll or acknowledge for ${Math.round(silentMs)} ms`
    const limit = `more than rebalanceTimeoutMs (${this.#silenceMaxMs})`
    throw new MillraceError('POLL_TIMEOUT', 'task-migrated', `${what}, ${limit}`)
  }
}
