import { TrendForecast, type TrendOptions } from '../../src/detection/index.ts'
import { Random } from './random.ts'

const minuteMs = 60_000
const limit = 100
const minutes = 1440
/** A ramp is to be reported at least so long before it is at the limit, and no earlier than the horizon before. */
const leastMinutes = 5
const horizonMinutes = 60
const kinds = ['ramp', 'flat', 'plateau', 'sawtooth', 'wave', 'ramp'] as const

/** How well ramps to a limit were told from other series. */
export interface RampFigures {
  /** Of all reports, the share after which the limit was reached within the hour. */
  readonly precision: number
  /** Of all ramps to the limit, the share that was reported in the hour before, and 5 minutes before at the latest. */
  readonly recall: number
  readonly reports: number
  readonly ramps: number
}

/** Runs forecasts over series of a day with a noise of 5 to 20 % of the distance to the limit, one point per minute. */
export function rampFigures(firstSeed: number, count: number, options: Partial<TrendOptions> = {}): RampFigures {
  let [reports, right, ramps, found] = [0, 0, 0, 0]
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { values, reachedAt } = seriesOf(seed)
    const forecast = new TrendForecast({ limit, ...options })
    let isFound = false
    for (const [minute, value] of values.entries()) {
      if (!forecast.observe(value, minute * minuteMs).isAlert) continue
      const ahead = reachedAt - minute
      reports++
      if (ahead <= horizonMinutes) right++
      isFound ||= ahead <= horizonMinutes && ahead >= leastMinutes
    }
    if (!Number.isFinite(reachedAt)) continue
    ramps++
    if (isFound) found++
  }
  return { precision: right / Math.max(1, reports), recall: found / ramps, reports, ramps }
}

/** Values up to the minute in which the limit is reached, if it is. */
function seriesOf(seed: number): { readonly values: readonly number[]; readonly reachedAt: number } {
  const random = new Random(seed)
  const kind = kinds[seed % kinds.length] as (typeof kinds)[number]
  const level = random.between(20, 70)
  const room = limit - level
  const noise = random.between(0.05, 0.2) * room
  const [from, hours] = [random.whole(120, 600), random.between(2, 12)]
  const reachedAt = kind === 'ramp' ? from + 60 * hours : Number.POSITIVE_INFINITY
  const top = random.between(0.25, 0.5)
  const phase = random.between(0, 2 * Math.PI)
  const values: number[] = []
  for (let minute = 0; minute < minutes && minute < reachedAt; minute++) {
    const climbed = Math.max(0, (minute - from) / (60 * hours))
    const part: number = {
      ramp: climbed,
      flat: 0,
      plateau: Math.min(top, climbed),
      sawtooth: climbed % top,
      wave: 0.4 * (1 + Math.sin((2 * Math.PI * minute) / minutes + phase)) * top,
    }[kind]
    values.push(level + room * part + noise * random.normal())
  }
  return { values, reachedAt: reachedAt < minutes ? reachedAt : Number.POSITIVE_INFINITY }
}
