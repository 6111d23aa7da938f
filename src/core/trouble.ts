import type { Clock } from './clock.ts'

/** Between two lines about one trouble, doubling up to the maximum. */
const firstSilenceMs = 10_000
const longestSilenceMs = 300_000

/** A failure that lasts longer is logged. */
export const noticeableMs = 5_000

interface Failure {
  /** In a row. */
  readonly failures: number
  readonly forMs: number
  readonly error: unknown
}

/** Something that works or fails: how long, why, and when that is logged. */
export class Trouble {
  readonly #clock: Clock
  readonly #tell: (failure: Failure) => void
  readonly #tellEnd: (forMs: number) => void
  #sinceMs: number | undefined
  #error: unknown
  #failures = 0
  #silentUntilMs = Number.NEGATIVE_INFINITY
  #silenceMs = firstSilenceMs
  #isTold = false

  constructor(clock: Clock, tell: (failure: Failure) => void, tellEnd: (forMs: number) => void) {
    this.#clock = clock
    this.#tell = tell
    this.#tellEnd = tellEnd
  }

  get forMs(): number | undefined {
    return this.#sinceMs === undefined ? undefined : this.#clock.monotonicMs() - this.#sinceMs
  }

  get error(): unknown {
    return this.#error
  }

  /** The first failure after a time without any is logged immediately, later ones at growing intervals. */
  failed(error: unknown, sinceMs: number = this.#clock.monotonicMs()): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#silentUntilMs > this.#silenceMs) this.#silenceMs = firstSilenceMs
    this.#sinceMs ??= sinceMs
    this.#error = error
    this.#failures++
    if (nowMs < this.#silentUntilMs) return
    this.#isTold = true
    this.#silentUntilMs = nowMs + this.#silenceMs
    this.#silenceMs = Math.min(longestSilenceMs, this.#silenceMs * 2)
    this.#tell({ failures: this.#failures, forMs: nowMs - this.#sinceMs, error })
  }

  worked(): void {
    if (this.#sinceMs === undefined) return
    const forMs = this.#clock.monotonicMs() - this.#sinceMs
    this.#sinceMs = undefined
    this.#error = undefined
    this.#failures = 0
    if (this.#isTold) this.#tellEnd(forMs)
    this.#isTold = false
  }
}
