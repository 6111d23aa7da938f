/** How far a source is, as a store keeps it. */
export interface SourceTime {
  /** All of its logs of earlier times are observed; null: nothing is known of it yet. */
  readonly reachedMs: number | null
  /** When it was heard, by the wall clock. */
  readonly heardMs: number
}

/** What a source tells. */
export interface ToldTime extends Pick<SourceTime, 'reachedMs'> {
  /** There is no log to read, and the time is one of its clock. */
  readonly isIdle: boolean
}

/** How far time is, as a store keeps it. */
export interface KnownTimes {
  /** All sources have reached it; null: none has told how far it is. */
  readonly closedMs: number | null
  /** Some source has reached it. */
  readonly reachedMs: number | null
  /** For rules about missing logs: it continues where no source is known. */
  readonly expectedMs: number
  /** As of this time of the wall clock. */
  readonly nowMs: number
}

/** A source that time waits for. */
export interface HeldTime {
  readonly source: string
  /** How far it is behind the wall clock; before it has told a time, for how long it is known. */
  readonly behindMs: number
  /** For how long nobody has heard of it. */
  readonly silentMs: number
}

interface Heard {
  readonly reachedMs: number
  /** By the wall clock, for the first time and for the last. */
  readonly knownMs: number
  readonly heardMs: number
}

/** A step of the wall clock that is longer was no wait for logs: the process was stopped. */
const stepMaxMs = 5000
/** Where no source is known, nothing is closed for so long: each of them has told how far it is then. */
const settleMs = 15_000

/**
 * How far event time is, by what sources of logs say. A point of time is closed when all of them have reached it. A source
 * that has nothing to read has reached the time at which it says so, so that time continues where nobody logs. One that says
 * nothing holds time where it was, so that a worker that is down is not read as an end of errors, until nobody has heard of
 * it for very long. Where no source is known, only the time of rules about missing logs continues, by the wall clock.
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

  /**
   * `nowMs`: the wall clock. `known`: of another process that is gone. A source was silent for as long as that process had
   * not heard of it: nobody could hear of it since.
   */
  constructor(
    silentAfterMs: number,
    nowMs: number,
    known?: { readonly times: KnownTimes | undefined; readonly sources: Iterable<readonly [string, SourceTime]> },
  ) {
    this.#silentAfterMs = silentAfterMs
    this.#nowMs = nowMs
    this.#closedMs = orNever(known?.times?.closedMs)
    this.#reachedMs = orNever(known?.times?.reachedMs)
    this.#expectedMs = known?.times?.expectedMs ?? nowMs
    const isKnown = known?.times?.closedMs !== undefined && known.times.closedMs !== null
    this.#settledMs = isKnown ? nowMs : nowMs + settleMs
    const knownMs = known?.times?.nowMs ?? Number.NEGATIVE_INFINITY
    for (const [source, { reachedMs, heardMs }] of known?.sources ?? []) {
      const silentMs = Math.max(0, knownMs - heardMs)
      this.#sources.set(source, { reachedMs: orNever(reachedMs), knownMs: nowMs, heardMs: nowMs - silentMs })
    }
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
    return {
      closedMs: orNull(this.#closedMs),
      reachedMs: orNull(this.#reachedMs),
      expectedMs: this.#expectedMs,
      nowMs: this.#nowMs,
    }
  }

  /** The sources that are so far behind the wall clock, the last one first. */
  behind(ageMs: number): readonly HeldTime[] {
    return [...this.#sources]
      .filter(([, { heardMs }]) => this.#isHeard(heardMs))
      .map(([source, { reachedMs, knownMs, heardMs }]) => {
        const fromMs = reachedMs === Number.NEGATIVE_INFINITY ? knownMs : reachedMs
        return { source, behindMs: this.#nowMs - fromMs, silentMs: this.#nowMs - heardMs }
      })
      .filter(({ behindMs }) => behindMs >= ageMs)
      .sort((left, right) => right.behindMs - left.behindMs)
  }

  /** A log of the source is of this time. */
  observed(timeMs: number): void {
    this.#reachedMs = Math.max(this.#reachedMs, timeMs)
  }

  /** A source tells how far it is. It never goes back. Returns what is known of it now. */
  told(source: string, { reachedMs, isIdle }: ToldTime, nowMs: number): SourceTime {
    const toldMs = isIdle ? Math.min(orNever(reachedMs), nowMs) : orNever(reachedMs)
    const before = this.#sources.get(source)
    const furthestMs = Math.max(before?.reachedMs ?? toldMs, toldMs)
    this.#sources.set(source, { reachedMs: furthestMs, knownMs: before?.knownMs ?? nowMs, heardMs: nowMs })
    this.observed(toldMs)
    this.#look()
    return { reachedMs: orNull(furthestMs), heardMs: nowMs }
  }

  /** The wall clock continues. Returns the sources that are left out from now on: nothing is known of them any longer. */
  advance(nowMs: number): readonly string[] {
    if (this.#isStill) this.#expectedMs += Math.max(0, Math.min(stepMaxMs, nowMs - this.#nowMs))
    this.#nowMs = nowMs
    const gone = [...this.#sources].flatMap(([source, { heardMs }]) => (this.#isHeard(heardMs) ? [] : [source]))
    for (const source of gone) this.#sources.delete(source)
    this.#look()
    return gone
  }

  #look(): void {
    let leastMs = Number.POSITIVE_INFINITY
    for (const { reachedMs, heardMs } of this.#sources.values()) {
      if (this.#isHeard(heardMs)) leastMs = Math.min(leastMs, reachedMs)
    }
    this.#isStill = leastMs === Number.POSITIVE_INFINITY
    if (this.#isStill || this.#nowMs < this.#settledMs) return
    this.#closedMs = Math.max(this.#closedMs, leastMs)
    this.#expectedMs = Math.max(this.#expectedMs, this.#closedMs)
  }

  #isHeard(heardMs: number): boolean {
    return this.#nowMs - heardMs < this.#silentAfterMs
  }
}

function orNever(timeMs: number | null | undefined): number {
  return timeMs ?? Number.NEGATIVE_INFINITY
}

function orNull(timeMs: number): number | null {
  return timeMs === Number.NEGATIVE_INFINITY ? null : timeMs
}
