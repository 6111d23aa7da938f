import { dayMs } from './calendar.ts'

/** Zones have changed their offsets at full quarters of an hour for a century: one is asked for once. */
const quarterMs = 900_000
const quartersMax = 4096
const offsetText = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/

/** Whether the IANA database has a zone of this name, such as `Europe/Berlin`. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** What clocks on the walls of a zone show, and when they show it. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, number>()

  /** Throws a RangeError for a name that is no zone. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /** What the clock shows, as if it were UTC. */
  shownMs(epochMs: number): number {
    return epochMs + this.#offsetMs(epochMs)
  }

  /** When the clock shows this for the first time; where the time is skipped, the moment of the skip. */
  firstMs(shownMs: number): number {
    return Math.min(...this.#momentsOf(shownMs))
  }

  /** When the clock shows this for the last time; where the time is skipped, the moment of the skip. */
  lastMs(shownMs: number): number {
    return Math.max(...this.#momentsOf(shownMs))
  }

  #momentsOf(shownMs: number): readonly number[] {
    const offsets = [this.#offsetMs(shownMs - dayMs), this.#offsetMs(shownMs + dayMs)]
    const moments = offsets.map((offsetMs) => shownMs - offsetMs)
    const right = moments.filter((epochMs) => this.shownMs(epochMs) === shownMs)
    return right.length > 0 ? right : [this.#changeMs(Math.min(...moments), Math.max(...moments))]
  }

  /** The first moment at which the offset is that of `afterMs`. */
  #changeMs(beforeMs: number, afterMs: number): number {
    const offsetMs = this.#offsetMs(afterMs)
    let [before, after] = [beforeMs, afterMs]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.#offsetMs(middle) === offsetMs) after = middle
      else before = middle
    }
    return after
  }

  #offsetMs(epochMs: number): number {
    const quarter = Math.floor(epochMs / quarterMs)
    let offsetMs = this.#offsets.get(quarter)
    if (offsetMs === undefined) {
      offsetMs = this.#readOffsetMs(quarter * quarterMs)
      if (this.#offsets.size >= quartersMax) this.#offsets.clear()
      this.#offsets.set(quarter, offsetMs)
    }
    return offsetMs
  }

  #readOffsetMs(epochMs: number): number {
    const part = this.#format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')
    const [, sign, hours = 0, minutes = 0, seconds = 0] = offsetText.exec(part?.value ?? '') ?? []
    const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
    return sign === '-' ? -size : size
  }
}
