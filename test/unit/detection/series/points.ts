import { Random } from '../../../../bench/detect/random.ts'
import {
  type DetectorOptions,
  detectorSettings,
  SeriesDetector,
  type Verdict,
} from '../../../../src/detection/index.ts'

export const intervalMs = 300_000
export const pointsOfDay = 288
/** A Monday. */
export const startMs = Date.UTC(2026, 2, 2)

/** Requests of a service over so many days: a daily wave with noise. */
export function wave(days: number, seed = 1): number[] {
  const random = new Random(seed)
  return Array.from({ length: days * pointsOfDay }, (_, row) => {
    const hour = (row % pointsOfDay) / 12
    return 1000 * (1.5 + Math.sin((hour / 12) * Math.PI)) * (1 + 0.05 * random.normal())
  })
}

/** Verdicts over evenly spaced values; null is a point that is missing. */
export function observed(values: readonly (number | null)[], options: Partial<DetectorOptions> = {}): Verdict[] {
  const detector = new SeriesDetector(detectorSettings({ intervalMs, ...options }))
  return values.flatMap((value, row) => (value === null ? [] : [detector.observe(value, startMs + row * intervalMs)]))
}

/** The places of alerts. */
export function alertsIn(verdicts: readonly Verdict[]): number[] {
  return verdicts.flatMap(({ isAlert }, place) => (isAlert ? [place] : []))
}
