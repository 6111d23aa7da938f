import { type DetectorOptions, detectorSettings, SeriesDetector } from '../../src/detection/index.ts'
import type { ScoredSeries } from './nab-score.ts'
import type { Point } from './synthetic-corpus.ts'

/** A series with its labels. */
export interface LabelledPoints extends Pick<ScoredSeries, 'name' | 'windows'> {
  /** What most of its points are apart. */
  readonly intervalMs: number
  readonly points: readonly Point[]
}

/** What the detector said of a series, with 1 for an alert in place of its score, and what its state weighs. */
export interface DetectorRun {
  readonly alerts: ScoredSeries
  readonly scores: ScoredSeries
  readonly stateBytes: number
}

/** Runs a detector over the series. */
export function runDetector(
  { name, windows, intervalMs, points }: LabelledPoints,
  options: Omit<DetectorOptions, 'intervalMs'>,
): DetectorRun {
  const detector = new SeriesDetector(detectorSettings({ intervalMs, ...options }))
  const verdicts = points.map(({ value, timeMs }) => detector.observe(value, timeMs))
  return {
    alerts: { name, windows, scores: verdicts.map(({ isAlert }) => (isAlert ? 1 : 0)) },
    scores: { name, windows, scores: verdicts.map(({ score }) => score) },
    stateBytes: detector.toBytes().length,
  }
}
