import { dayMs } from '../../core/calendar.ts'
import { ZoneClock } from '../../core/zone-clock.ts'
import type { Severity } from '../severity.ts'

/** Days of the week, as a file names them. The first is the one of 1970-01-04. */
export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
/** One of `weekdays`. */
export type Weekday = (typeof weekdays)[number]

/** A part of the day in which people are left alone. */
export interface QuietTime {
  /** `22:00`. */
  readonly from: string
  /** `07:00`; before `from`: of the next day. `24:00` is the end of the day. */
  readonly to: string
  /** Days on which it begins. Default: every day. */
  readonly days?: readonly Weekday[]
}

/** When a receiver is left alone, by the clocks of its people. */
export interface QuietHoursDefinition {
  /** A name of the IANA database, such as `Europe/Berlin`. */
  readonly zone: string
  /** At least one; they may overlap. */
  readonly times: readonly QuietTime[]
  /** Alerts of this severity and above are sent all the same. Default: `critical`. `none`: no alert is. */
  readonly passes?: Severity | 'none'
}

interface CompiledTime {
  /** Since midnight, by the clock. */
  readonly fromMs: number
  readonly toMs: number
  readonly days: ReadonlySet<number>
}

/** From `22:00`. */
export function clockTimeMs(text: string): number {
  const [hours, minutes] = text.split(':')
  return (Number(hours) * 60 + Number(minutes)) * 60_000
}

/**
 * Quiet times on the calendar. A quiet time begins when the clock shows its beginning for the first time, and ends when
 * the clock shows its end for the last time: an hour that is shown twice is quiet twice, and there is one end.
 */
export class QuietHours {
  readonly #clock: ZoneClock
  readonly #times: readonly CompiledTime[]

  constructor({ zone, times }: QuietHoursDefinition) {
    this.#clock = new ZoneClock(zone)
    this.#times = times.map(({ from, to, days = weekdays }) => {
      const [fromMs, endMs] = [clockTimeMs(from), clockTimeMs(to)]
      const toMs = endMs > fromMs ? endMs : endMs + dayMs
      return { fromMs, toMs, days: new Set(days.map((day) => weekdays.indexOf(day))) }
    })
  }

  /** When it stops to be quiet, epoch milliseconds; undefined: it is not quiet now. Times that touch are one. */
  endMs(nowMs: number): number | undefined {
    let endMs: number | undefined
    // Each round adds the times that the end so far lies in. A week of quiet days has no more ends than that.
    for (let round = 0; round <= 2 * weekdays.length; round++) {
      const later = this.#endOfOneMs(endMs ?? nowMs)
      if (later === undefined) break
      endMs = later
    }
    return endMs
  }

  /** The latest end of the quiet times that hold this moment. */
  #endOfOneMs(atMs: number): number | undefined {
    const today = Math.floor(this.#clock.shownMs(atMs) / dayMs)
    let latestMs: number | undefined
    for (const { fromMs, toMs, days } of this.#times) {
      for (const day of [today - 1, today]) {
        // The fourth day of the epoch was a Sunday.
        if (!days.has((((day - 3) % 7) + 7) % 7)) continue
        if (this.#clock.firstMs(day * dayMs + fromMs) > atMs) continue
        const endMs = this.#clock.lastMs(day * dayMs + toMs)
        if (endMs > atMs && endMs > (latestMs ?? 0)) latestMs = endMs
      }
    }
    return latestMs
  }
}
