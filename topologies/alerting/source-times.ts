/** How far a source is, as a store keeps it. */
export interface SourceTime {
  /** Event time; null: no log came yet. */
  readonly reachedMs: number | null
  readonly isIdle: boolean
}

/** How far time is, as a store keeps it. */
export interface KnownTimes {
  /** All sources have reached it; null: none has told how far it is. */
  readonly closedMs: number | null
  /** Some source has reached it. */
  readonly reachedMs: number | null
  /** For rules about missing logs: it continues where no source has logs. */
  readonly expectedMs: number
}

interface Heard extends SourceTime {
  /** By the wall clock. */
  heardMs: number
}

/** A step of the wall clock that is longer was no wait for logs: the process was stopped. */
const stepMaxMs = 5000
/** Where no source is known, nothing is closed for so long: each of them has told how far it is then. */
const settleMs = 15_000

/**
 * How far event time is, by what sources of logs say. A point of time is closed when all of them have reached it. A source
 * that is idle, or that nobody has heard of for a while, is left out. Where no source is left, time does not continue, so that
 * a worker that is down is not read as an end of errors; for rules about missing logs it continues by the wall clock.
 */
export class SourceTimes {
  readonly #silentAfterMs: number
  readonly #sources = new Map<string, Heard>()
  #closedMs = Number.NEGATIVE_INFINITY
  #reachedMs = Number.NEGATIVE_INFINITY
  #expectedMs: number
  readonly #settledMs: number
  #nowMs: number
  #isStill = true

  /** `nowMs`: the wall clock. `known`: of another process that is gone; what it has heard of has as long as all others to be heard again. */
  constructor(
    silentAfterMs: number,
    nowMs: number,
    known?: { readonly times: KnownTimes | undefined; readonly sources: Iterable<readonly [string, SourceTime]> },
  ) {
    this.#silentAfterMs = silentAfterMs
    this.#nowMs = nowMs
    this.#closedMs = known?.times?.closedMs ?? Number.NEGATIVE_INFINITY
    this.#reachedMs = known?.times?.reachedMs ?? Number.NEGATIVE_INFINITY
    this.#expectedMs = known?.times?.expectedMs ?? nowMs
    const isKnown = known?.times?.closedMs !== undefined && known.times.closedMs !== null
    this.#settledMs = isKnown ? nowMs : nowMs + settleMs
    for (const [source, time] of known?.sources ?? []) this.#sources.set(source, { ...time, heardMs: nowMs })
    this.#look()
  }

  /** All sources have reached it; undefined: none has told how far it is. */
  get closedMs(): number | undefined {
    return this.#closedMs === Number.NEGATIVE_INFINITY ? undefined : this.#closedMs
  }

  /** Some source has reached it. */
  get reachedMs(): number {
    return Math.max(this.#reachedMs, this.#closedMs)
  }

  /** For rules about missing logs. */
  get expectedMs(): number {
    return this.#expectedMs
  }

  get known(): KnownTimes {
    const orNull = (timeMs: number) => (timeMs === Number.NEGATIVE_INFINITY ? null : timeMs)
    return {
      closedMs: orNull(this.#closedMs),
      reachedMs: orNull(this.#reachedMs),
      expectedMs: this.#expectedMs,
    }
  }

  /** A log of the source is of this time. */
  observed(timeMs: number): void {
    this.#reachedMs = Math.max(this.#reachedMs, timeMs)
  }

  /** A source tells how far it is. It never goes back. Returns what is known of it now. */
  told(source: string, { reachedMs, isIdle }: SourceTime, nowMs: number): SourceTime {
    const before = this.#sources.get(source)?.reachedMs ?? null
    const furthestMs = before === null || reachedMs === null ? (reachedMs ?? before) : Math.max(before, reachedMs)
    const heard = { reachedMs: furthestMs, isIdle, heardMs: nowMs }
    this.#sources.set(source, heard)
    if (furthestMs !== null) this.observed(furthestMs)
    this.#look()
    return { reachedMs: furthestMs, isIdle }
  }

  /** The wall clock continues. */
  advance(nowMs: number): void {
    if (this.#isStill) this.#expectedMs += Math.max(0, Math.min(stepMaxMs, nowMs - this.#nowMs))
    this.#nowMs = nowMs
    this.#look()
  }

  #look(): void {
    let leastMs = Number.POSITIVE_INFINITY
    for (const { reachedMs, isIdle, heardMs } of this.#sources.values()) {
      if (reachedMs === null || isIdle || this.#nowMs - heardMs >= this.#silentAfterMs) continue
      leastMs = Math.min(leastMs, reachedMs)
    }
    this.#isStill = leastMs === Number.POSITIVE_INFINITY
    if (this.#isStill || this.#nowMs < this.#settledMs) return
    this.#closedMs = Math.max(this.#closedMs, leastMs)
    this.#expectedMs = Math.max(this.#expectedMs, this.#closedMs)
  }
}
