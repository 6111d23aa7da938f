import { unknownNames } from '../../core/unknown-names.ts'
import { integersOf, refuse } from '../integer-options.ts'

/** Which limit a series is not to reach, and how far ahead to look. */
export interface TrendOptions {
  /** The limit. */
  readonly limit: number
  /** `above`: values must stay below the limit; `below`: above it. Default `above`. */
  readonly side?: 'above' | 'below'
  /** How far ahead to look, in milliseconds. Default 1 hour. */
  readonly horizonMs?: number
  /** The trend is that of so many points. Default 240. */
  readonly points?: number
  /** Nothing is said before so many points. Default 30. */
  readonly warmUpPoints?: number
  /** Reported from this probability that the limit is reached within the horizon. Default 0.8. */
  readonly probability?: number
  /** So many points in a row must say so. Default 5. */
  readonly patiencePoints?: number
}

const integers = {
  horizonMs: { least: 1, most: 31_536_000_000, otherwise: 3_600_000 },
  points: { least: 8, most: 10_000, otherwise: 240 },
  warmUpPoints: { least: 4, most: 10_000, otherwise: 30 },
  patiencePoints: { least: 1, most: 1000, otherwise: 5 },
} as const
const names = ['limit', 'side', 'probability', ...Object.keys(integers)]
const sides: readonly unknown[] = ['above', 'below']

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function trendSettings(options: TrendOptions): Required<TrendOptions> {
  const { limit, side = 'above', probability = 0.8 } = options
  const problems = unknownNames(options, names)
  const settings = integersOf(options, integers, problems)
  if (!Number.isFinite(limit)) problems.push(`limit is ${String(limit)}: give a number`)
  if (!sides.includes(side)) problems.push(`side is '${String(side)}': give 'above' or 'below'`)
  if (!(probability > 0 && probability < 1))
    problems.push(`probability is ${String(probability)}: give a number above 0 and below 1`)
  if (settings.warmUpPoints > settings.points)
    problems.push(`warmUpPoints is ${settings.warmUpPoints}: give no more than points, ${settings.points}`)
  refuse('trend', problems)
  return Object.freeze({ ...settings, limit, side, probability })
}
