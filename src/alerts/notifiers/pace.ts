import type { Clock } from '../../core/clock.ts'

/** So many messages may follow each other without a wait. */
const burst = 5

/** Bounds the rate of messages to one receiver: a few at once, then one per interval. */
export class Pace {
  readonly #clock: Clock
  readonly #intervalMs: number
  /** When the next message would be due without the burst. */
  #nextMs = 0

  constructor(perMinute: number, clock: Clock) {
    this.#intervalMs = 60_000 / perMinute
    this.#clock = clock
  }

  /** The longest wait for a turn, where one message is sent after another. */
  get longestWaitMs(): number {
    return this.#intervalMs
  }

  /** Resolves when the next message may be sent; earlier when the signal is aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    const waitMs = this.#nextMs - nowMs - (burst - 1) * this.#intervalMs
    this.#nextMs = Math.max(this.#nextMs, nowMs) + this.#intervalMs
    if (waitMs > 0) await this.#wait(waitMs, signal)
  }

  #wait(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = this.#clock.setTimer(waitMs, end)
      signal.addEventListener('abort', end)
    })
  }
}
