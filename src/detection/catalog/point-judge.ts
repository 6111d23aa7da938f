import { CrossingForecast, type CrossingForecastOptions, crossingReasonOf } from '../prediction/crossing-forecast.ts'
import { reasonOf } from '../series/verdict.ts'
import { vectorReasonOf, VectorWatch, type WatchOptions } from '../vectors/vector-watch.ts'
import { type ReadModel, readModel } from './read-model.ts'
import type { TrainedModel } from './trained-model.ts'

/** What a model says of one point, whatever its kind. */
export interface PointVerdict {
  /** As the verdict of the kind has it: `scored`, `warming-up`, `unusable`, `late` or `exceeded`. */
  readonly status: string
  /** 0 for a usual point to below 1; for a crossing, its probability. */
  readonly score: number
  /** Whether it would be reported. */
  readonly isAlert: boolean
  /** What has most to do with it, the largest part first. */
  readonly causes: readonly PointCause[]
  /** All of that in words; empty where nothing is unusual. */
  readonly reason: string
}

/** A number that has to do with what is unusual. */
export interface PointCause {
  /** Its name. */
  readonly feature: string
  /** What it was. */
  readonly observed: number
  /** What it usually is: a value, or the two ends of a range. */
  readonly baseline: readonly number[]
  /** Its part in what is unusual, 0 to 1; for a series, by how many usual ranges it lies outside. */
  readonly by: number
}

/** Judges the points of one key in the order of their times. */
export interface PointJudge {
  /** Judges one point, and remembers it as its kind does. */
  judge(timeMs: number, values: ArrayLike<number>): PointVerdict
}

/**
 * A judge by a trained model.
 * @param firstMs The time of the first point. A series that was learned from later points than that starts from nothing.
 * Throws MODEL_UNREADABLE, and INVALID_SETTINGS with all that is wrong with the options.
 */
export function pointJudge(
  trained: TrainedModel,
  firstMs: number,
  options: Omit<WatchOptions, 'features'> = {},
): PointJudge {
  const read = readModel(trained)
  switch (read.kind) {
    case 'vectors':
      return vectorJudge(new VectorWatch({ ...options, features: trained.features }, read.model))
    case 'series':
      return seriesJudge(read, firstMs > trained.untilMs)
    case 'crossing':
      return crossingJudge(trained, read)
  }
}

function vectorJudge(watch: VectorWatch): PointJudge {
  return {
    judge(timeMs, values) {
      const verdict = watch.observe(values, timeMs)
      const causes = verdict.contributions.map(({ feature, observed, expected, share }) => ({
        feature,
        observed,
        baseline: [expected],
        by: share,
      }))
      return { ...plain(verdict), causes, reason: vectorReasonOf(verdict) }
    },
  }
}

function seriesJudge(read: Extract<ReadModel, { kind: 'series' }>, isLater: boolean): PointJudge {
  const detector = isLater ? read.detector() : read.fresh()
  return {
    judge(timeMs, values) {
      const verdict = detector.observe(values[0] as number, timeMs)
      const causes = verdict.unusual.map(({ name, observed, low, high, excess }) => ({
        feature: name,
        observed,
        baseline: [low, high],
        by: excess,
      }))
      return { ...plain(verdict), causes, reason: reasonOf(verdict) }
    },
  }
}

function crossingJudge(
  { options, intervalMs }: TrainedModel,
  { model }: Extract<ReadModel, { kind: 'crossing' }>,
): PointJudge {
  const { limit, middle, horizonMs, probability } = options as Readonly<Record<string, number | undefined>>
  const series = { intervalMs, limit: limit ?? Number.NaN, middle: middle ?? Number.NaN }
  const given: CrossingForecastOptions = {
    ...series,
    ...(horizonMs === undefined ? {} : { horizonMs }),
    ...(probability === undefined ? {} : { probability }),
  }
  const forecast = new CrossingForecast(given, model)
  return {
    judge(timeMs, values) {
      const value = values[0] as number
      const verdict = forecast.observe(value, timeMs)
      const baseline = [series.middle, series.limit]
      const causes = verdict.isAlert ? [{ feature: 'value', observed: value, baseline, by: verdict.probability }] : []
      return { ...plain({ ...verdict, score: verdict.probability }), causes, reason: crossingReasonOf(verdict) }
    },
  }
}

function plain({
  status,
  score,
  isAlert,
}: PointVerdict | Omit<PointVerdict, 'causes' | 'reason'>): Pick<PointVerdict, 'status' | 'score' | 'isAlert'> {
  return { status, score, isAlert }
}
