import { type HeldReport, SharedParts, sumOfHeld } from './held-report.ts'
import type { RateReport } from './rate-report.ts'

/** The name of what has no room of its own. */
export const otherName = 'other'

export interface RateBounds {
  /** How far back numbers are kept. */
  readonly rangeMs: number
  /** Reports that are kept. */
  readonly reportsMax: number
}

/** Of one window; reports on more are added up as `otherName`. */
const servicesMax = 100
/** Clocks differ; what begins later than that has no place among the last hours, and would stay the latest window. */
const aheadMsMax = 3_600_000
/** What leaves at once where there are too many, so that the oldest are not looked for each time. */
const shareDropped = 0.05

/** Reports of the last hours by window. A report that comes again replaces the first one. */
export class RateWindows {
  /** Reports that left before their time because there were too many. */
  dropped = 0
  /** Everything from this time on is here, in milliseconds since the epoch. */
  sinceMs: number
  /** The end of the latest window that was reported; 0: none was. */
  untilMs = 0
  /** Of the latest window. */
  windowMs = 0
  readonly #bounds: RateBounds
  /** By start, then by worker and service. */
  readonly #windows = new Map<number, Map<string, HeldReport>>()
  readonly #parts = new SharedParts()
  #reports = 0

  constructor(bounds: RateBounds, nowMs: number) {
    this.#bounds = bounds
    this.sinceMs = nowMs - bounds.rangeMs
  }

  /** Upper bounds of durations in milliseconds: reports name them by their index. */
  get boundsMs(): readonly number[] {
    return this.#parts.boundsMs
  }

  /** False: its window is far ahead, or longer than all that is kept, and it is left out. */
  add(given: RateReport, nowMs: number): boolean {
    this.#expire(nowMs)
    const { service, worker, startMs, endMs } = given
    if (startMs < this.sinceMs) return true
    if (startMs > nowMs + aheadMsMax || endMs - startMs > this.#bounds.rangeMs) return false
    if (endMs > this.untilMs) {
      this.untilMs = endMs
      this.windowMs = endMs - startMs
    }
    let window = this.#windows.get(startMs)
    if (window === undefined) this.#windows.set(startMs, (window = new Map()))
    const key = JSON.stringify([worker, service])
    if (window.has(key) || window.size < servicesMax) {
      if (!window.has(key)) this.#reports++
      window.set(key, this.#parts.held(given))
    } else {
      const others = window.get(otherName)
      if (others === undefined) this.#reports++
      const report = this.#parts.held({ ...given, service: otherName, components: [] })
      window.set(otherName, others === undefined ? report : sumOfHeld(others, report))
    }
    if (this.#reports > this.#bounds.reportsMax) this.#dropOldest()
    return true
  }

  /** Reports of windows that begin from a time on and before another. */
  *between(fromMs: number, toMs: number): Generator<HeldReport> {
    for (const [startMs, window] of this.#windows) if (startMs >= fromMs && startMs < toMs) yield* window.values()
  }

  #expire(nowMs: number): void {
    const sinceMs = nowMs - this.#bounds.rangeMs
    // Once in a while is enough.
    if (sinceMs - this.sinceMs < this.#bounds.rangeMs / 100) return
    this.sinceMs = sinceMs
    for (const [startMs, window] of this.#windows) {
      if (startMs >= sinceMs) continue
      this.#windows.delete(startMs)
      this.#reports -= window.size
    }
  }

  #dropOldest(): void {
    const left = this.#bounds.reportsMax * (1 - shareDropped)
    const starts = [...this.#windows.keys()].sort((one, other) => one - other)
    for (const startMs of starts.slice(0, -1)) {
      if (this.#reports <= left) return
      const { size } = this.#windows.get(startMs) as Map<string, HeldReport>
      this.#windows.delete(startMs)
      this.#reports -= size
      this.dropped += size
      this.sinceMs = startMs + 1
    }
  }
}
