import { dayMs } from '../../core/calendar.ts'
import { unknownNames } from '../../core/unknown-names.ts'
import { isZone } from '../../core/zone-clock.ts'
import { refuse } from '../integer-options.ts'
import { dayPlaces } from './day-places.ts'

/** What a detector has to know of its series. */
export interface DetectorOptions {
  /** Distance of two points, in milliseconds. */
  readonly intervalMs: number
  /** How far back the usual is learned from. Default 7 days. */
  readonly memoryMs?: number
  /** Nothing is reported before points of so long a time were seen. Default 1 day. */
  readonly warmUpMs?: number
  /** After an alert, only a score that is twice as far outside is reported for so long. Default 1 day. */
  readonly cooldownMs?: number
  /** The score from which a point is reported, from 0 to below 1. Default 0.6. */
  readonly threshold?: number
  /**
   * A series whose scores are often high by themselves is reported from a higher score, which it exceeds once in so long
   * a time (SPOT). Default: the threshold is the same for all series.
   */
  readonly falseAlarmEveryMs?: number
  /** The clock that the people or jobs behind the series live by, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string
  /**
   * `counter`: values only rise, the detector looks at their differences, and a smaller value is a restart that counts
   * as nothing. Default `gauge`.
   */
  readonly kind?: 'gauge' | 'counter'
}

/** Compiled options. */
export interface DetectorSettings {
  /** Distance of two points, in milliseconds. */
  readonly intervalMs: number
  /** How many points are remembered. */
  readonly memoryPoints: number
  /** Nothing is reported before so many points. */
  readonly warmUpPoints: number
  /** How long an alert keeps later ones back, in milliseconds. */
  readonly cooldownMs: number
  /** The score from which a point is reported. */
  readonly threshold: number
  /** 0: the threshold is the same for all series. */
  readonly falseAlarmEveryPoints: number
  /** Whether differences of values are looked at. */
  readonly isCounter: boolean
  /** By how much the usual value of an hour moves with a point of it. */
  readonly seasonShare: number
  /** A number from 0 to 47 for the hour and kind of the day. */
  readonly placeOf: (timeMs: number) => number
}

const hourMs = 3_600_000
/** The usual value of an hour keeps so much of the past each day. */
const seasonKeepsDaily = 0.95
const scoreMax = 1 - 1e-9
const kinds: readonly unknown[] = ['gauge', 'counter']
const names = ['intervalMs', 'memoryMs', 'warmUpMs', 'cooldownMs', 'falseAlarmEveryMs', 'threshold', 'timeZone', 'kind']

/**
 * Checks the options of a detector and compiles them.
 * @throws MillraceError INVALID_SETTINGS with everything that is wrong
 * @example
 * ```ts
 * new SeriesDetector(detectorSettings({ intervalMs: 60_000, timeZone: 'Europe/Berlin' }))
 * ```
 */
export function detectorSettings(options: DetectorOptions): DetectorSettings {
  const { intervalMs, memoryMs = 7 * dayMs, warmUpMs = dayMs, cooldownMs = dayMs, threshold = 0.6 } = options
  const { falseAlarmEveryMs, timeZone = 'UTC', kind = 'gauge' } = options
  const problems = unknownNames(options, names)
  const milliseconds = (name: string, value: number, isUsable: boolean, range: string): void => {
    if (Number.isFinite(value) && isUsable) return
    problems.push(`${name} is ${String(value)}: give a number of milliseconds ${range}`)
  }
  const [aboveInterval, from0] = ['above intervalMs', 'from 0']
  milliseconds('intervalMs', intervalMs, intervalMs > 0, 'above 0')
  milliseconds('memoryMs', memoryMs, memoryMs > intervalMs, aboveInterval)
  if (falseAlarmEveryMs !== undefined)
    milliseconds('falseAlarmEveryMs', falseAlarmEveryMs, falseAlarmEveryMs > intervalMs, aboveInterval)
  milliseconds('warmUpMs', warmUpMs, warmUpMs >= 0, from0)
  milliseconds('cooldownMs', cooldownMs, cooldownMs >= 0, from0)
  if (!(threshold >= 0 && threshold < 1))
    problems.push(`threshold is ${String(threshold)}: give a number from 0 to below 1`)
  if (!isZone(timeZone))
    problems.push(`timeZone is '${timeZone}': give a zone of the IANA database, such as Europe/Berlin`)
  if (!kinds.includes(kind)) problems.push(`kind is '${String(kind)}': give 'gauge' or 'counter'`)
  refuse('detector', problems)
  const pointsOfHour = Math.max(1, hourMs / intervalMs)
  return Object.freeze({
    intervalMs,
    memoryPoints: memoryMs / intervalMs,
    warmUpPoints: warmUpMs / intervalMs,
    cooldownMs,
    threshold,
    falseAlarmEveryPoints: (falseAlarmEveryMs ?? 0) / intervalMs,
    isCounter: kind === 'counter',
    seasonShare: 1 - seasonKeepsDaily ** (1 / pointsOfHour),
    placeOf: dayPlaces(timeZone),
  })
}

/** The score of a sum of views: 0 for 0, 0.6 where they lie 0.9 usual ranges outside, 0.95 where it is 3. */
export function scoreOf(sum: number): number {
  return Math.min(1 - Math.exp(-sum), scoreMax)
}
