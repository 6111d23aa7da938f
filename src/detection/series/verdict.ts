import { dayMs } from '../../core/calendar.ts'
import type { UsualRange } from './decayed-histogram.ts'

/** What a detector looks at: the value, the mean of 24 points, the deviation of 48, the distance from the usual hour. */
export const viewNames = ['value', 'level', 'volatility', 'season'] as const
/** One of `viewNames`. */
export type ViewName = (typeof viewNames)[number]

/** What one view showed. */
export interface ViewReading extends UsualRange {
  /** Which view it is. */
  readonly name: ViewName
  /** What it showed at the point. */
  readonly observed: number
}

/** What a detector says of a point. */
export interface Verdict {
  /**
   * - `scored`: it was compared with the past
   * - `warming-up`: too few points were seen to compare it with
   * - `unusable`: it is no finite number, or the first one of a counter or after its restart; nothing was learned from it
   * - `late`: a point of that time or a later one was seen; it changed nothing
   */
  readonly status: 'scored' | 'warming-up' | 'unusable' | 'late'
  /** 0 for a usual point, to below 1. */
  readonly score: number
  /** Whether it is to be reported: above the threshold, and not a part of what was reported within the cool-down. */
  readonly isAlert: boolean
  /** The views that lie outside of their usual range, the farthest first. */
  readonly unusual: readonly ViewReading[]
  /** What the value usually is: half of the points were below. */
  readonly median: number
  /** How much time the points cover that were learned, in milliseconds. */
  readonly learnedMs: number
  /** How far back the usual is learned from, in milliseconds. */
  readonly memoryMs: number
}

/**
 * The verdict in words: which view, by how much, what is usual, and how much was learned where that is not all.
 * Such as `value 412, usually 96 to 131: 8 ranges outside; warming up, 3 of 7 days`.
 */
export function reasonOf({ unusual, learnedMs, memoryMs }: Verdict): string {
  const parts = unusual.map(textOf)
  if (learnedMs < memoryMs) parts.push(`warming up, ${spanText(learnedMs, memoryMs)}`)
  return parts.join('; ')
}

function textOf({ name, observed, low, high, excess }: ViewReading): string {
  return `${labels[name]} ${shown(observed)}, usually ${shown(low)} to ${shown(high)}: ${shown(excess, 2)} ranges outside`
}

const labels: Readonly<Record<ViewName, string>> = {
  value: 'value',
  level: 'mean of 24 points',
  volatility: 'deviation of 48 points',
  season: 'distance from this hour',
}

function spanText(learnedMs: number, memoryMs: number): string {
  if (memoryMs >= 2 * dayMs) return `${Math.floor(learnedMs / dayMs)} of ${shown(memoryMs / dayMs)} days`
  const hourMs = dayMs / 24
  if (memoryMs >= hourMs) return `${shown(learnedMs / hourMs, 2)} of ${shown(memoryMs / hourMs)} hours`
  return `${Math.floor(learnedMs / 1000)} of ${shown(memoryMs / 1000)} seconds`
}

function shown(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits)))
}
