import { systemClock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import { crossingRows } from '../prediction/crossing-forecast.ts'
import { trainedInThread } from '../training/train-in-thread.ts'
import type { TrainingJob } from '../training/training-job.ts'
import type { PointTable } from './point-table.ts'
import type { TrainedKind, TrainedModel } from './trained-model.ts'

/** What is trained, and how. */
export interface TrainingOrder {
  /** Which model. */
  readonly kind: TrainedKind
  /** Its rows. */
  readonly table: PointTable
  /** Options of the kind by name; those that the table says, such as `featureCount`, are left out. */
  readonly options: Readonly<Record<string, number | string>>
  /** The thread is ended when it has not ended after this, in milliseconds. */
  readonly timeoutMs: number
}

/** Which options of a crossing are of its series and not of its model. */
const seriesOptions = ['limit', 'middle', 'horizonMs', 'probability']

/**
 * Trains a model from a table in a thread of its own. Rejects with INVALID_SETTINGS with all that is wrong with the
 * options, TRAINING_DATA, TRAINING_TIMEOUT and TRAINING_FAILED.
 */
export async function trainModel({ kind, table, options, timeoutMs }: TrainingOrder): Promise<TrainedModel> {
  const { features, times, intervalMs } = table
  const { bytes, figures } = await trainedInThread(jobOf(kind, table, options), timeoutMs)
  return {
    kind,
    features,
    intervalMs,
    options,
    fromMs: times[0] ?? 0,
    untilMs: times.at(-1) ?? 0,
    rows: times.length,
    figures,
    trainedMs: systemClock.nowMs(),
    bytes: Buffer.from(bytes).toString('base64'),
  }
}

function jobOf(kind: TrainedKind, table: PointTable, options: TrainingOrder['options']): TrainingJob {
  const { features, rows, times, intervalMs } = table
  switch (kind) {
    case 'pca':
    case 'forest':
      return { kind, rows, featureCount: features.length, options }
    case 'autoencoder':
      return { kind, rows, options: { ...options, featureCount: features.length } }
    case 'series':
      requireOne(kind, features)
      return { kind, rows, times, options: { ...options, intervalMs } }
    case 'crossing':
      requireOne(kind, features)
      return { kind, ...crossingLabels(table, options), options: without(options, seriesOptions) }
  }
}

function crossingLabels(
  { rows, times, intervalMs }: PointTable,
  options: TrainingOrder['options'],
): { readonly rows: Float64Array; readonly labels: Uint8Array } {
  const { limit, middle, horizonMs } = options as Readonly<Record<string, number | undefined>>
  const series = { intervalMs, limit: limit ?? Number.NaN, middle: middle ?? Number.NaN }
  const points = Array.from(times, (timeMs, index) => ({ timeMs, value: rows[index] as number }))
  return crossingRows(points, horizonMs === undefined ? series : { ...series, horizonMs })
}

function requireOne(kind: TrainedKind, features: readonly string[]): void {
  if (features.length === 1) return
  const sentence = `a model of the kind '${kind}' is of one number, and the rows have ${features.length} (${features.join(', ')}): name one with --features`
  throw new MillraceError('INVALID_SETTINGS', 'fatal', sentence, { details: { problems: [sentence] } })
}

function without(
  options: TrainingOrder['options'],
  names: readonly string[],
): Readonly<Record<string, number | string>> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)))
}
