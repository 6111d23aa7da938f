import { Autoencoder } from '../autoencoder/autoencoder.ts'
import type { AutoencoderOptions } from '../autoencoder/autoencoder-options.ts'
import { seriesBytes } from '../catalog/series-bytes.ts'
import { CrossingModel, type CrossingOptions } from '../prediction/crossing-model.ts'
import { type DetectorOptions, detectorSettings } from '../series/detector-settings.ts'
import { SeriesDetector } from '../series/series-detector.ts'
import type { ForestOptions } from '../vectors/forest-options.ts'
import { IsolationForest } from '../vectors/isolation-forest.ts'
import { PcaModel, type PcaOptions } from '../vectors/pca-model.ts'
import type { VectorModel } from '../vectors/vector-model.ts'
import { VectorMoments } from '../vectors/vector-moments.ts'

/** What is to be trained, from which rows. */
export type TrainingJob =
  | { readonly kind: 'autoencoder'; readonly rows: Float64Array; readonly options: AutoencoderOptions }
  | {
      readonly kind: 'forest'
      readonly rows: Float64Array
      readonly featureCount: number
      readonly options?: ForestOptions
    }
  | {
      readonly kind: 'pca'
      readonly rows: Float64Array
      readonly featureCount: number
      readonly options?: PcaOptions
    }
  | {
      readonly kind: 'series'
      readonly rows: Float64Array
      /** The time of each row, epoch milliseconds. */
      readonly times: Float64Array
      readonly options: DetectorOptions
    }
  | {
      readonly kind: 'crossing'
      readonly rows: Float64Array
      readonly labels: Uint8Array
      readonly options?: CrossingOptions
    }

/** A model as bytes, and what it showed in its training, by name. */
export interface TrainingOutcome {
  /** The model, for `fromBytes`. */
  readonly bytes: Uint8Array
  /** Numbers for people. */
  readonly figures: Readonly<Record<string, number>>
}

/** Trains what the job says, in this thread. */
export function trained(job: TrainingJob): TrainingOutcome {
  switch (job.kind) {
    case 'autoencoder': {
      const model = Autoencoder.train(job.rows, job.options)
      return { bytes: model.toBytes(), figures: { errorLimit: model.errorLimit, ...vectorFigures(model, job.rows) } }
    }
    case 'forest': {
      const model = IsolationForest.train(job.rows, job.featureCount, job.options)
      return { bytes: model.toBytes(), figures: { scoreLimit: model.scoreLimit, ...vectorFigures(model, job.rows) } }
    }
    case 'pca': {
      const model = PcaModel.of(momentsOf(job.rows, job.featureCount), job.options)
      return { bytes: model.toBytes(), figures: { mainAxes: model.mainAxes, ...vectorFigures(model, job.rows) } }
    }
    case 'series':
      return series(job)
    case 'crossing': {
      const model = CrossingModel.train(job.rows, job.labels, job.options)
      const { rows, baseShare, averagePrecision, atReport } = model.figures
      const { precision, recall } = atReport
      const figures = { learned: model.learned, heldBack: rows, baseShare, averagePrecision, precision, recall }
      return { bytes: model.toBytes(), figures }
    }
  }
}

/** All rows count the same: the model is of the period, not of its end. */
function momentsOf(rows: Float64Array, featureCount: number): VectorMoments {
  const count = Math.floor(rows.length / featureCount)
  const moments = new VectorMoments({ featureCount, memoryVectors: Math.max(16, count) })
  for (let row = 0; row < count; row++) moments.learn(rows.subarray(row * featureCount, (row + 1) * featureCount))
  return moments
}

/** How many of the rows that it learned from it finds unusual. */
function vectorFigures(model: VectorModel, rows: Float64Array): { learned: number; unusualShare: number } {
  const { featureCount, steps, learned } = model
  const windows = Math.floor(rows.length / featureCount) - steps + 1
  let unusual = 0
  for (let first = 0; first < windows; first++) {
    const window = rows.subarray(first * featureCount, (first + steps) * featureCount)
    if (model.judge(Float64Array.from(window)).excess > 0) unusual++
  }
  return { learned, unusualShare: windows > 0 ? unusual / windows : 0 }
}

function series({ rows, times, options }: Extract<TrainingJob, { kind: 'series' }>): TrainingOutcome {
  const detector = new SeriesDetector(detectorSettings(options))
  const figures = { learned: 0, unusable: 0, alerts: 0, median: 0 }
  for (const [index, value] of rows.entries()) {
    const { status, isAlert, median } = detector.observe(value, times[index] as number)
    if (status === 'unusable' || status === 'late') figures.unusable++
    else figures.learned++
    if (isAlert) figures.alerts++
    figures.median = median
  }
  return { bytes: seriesBytes(detector), figures }
}

/** What a thread says at its end. */
export type TrainingResult = TrainingOutcome | { readonly code: string | undefined; readonly message: string }
