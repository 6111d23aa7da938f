import { PcaModel, type TrainedModel, VectorMoments } from '../../../../src/detection/index.ts'

const features = ['total', 'errors', 'durationP95Ms']

/** A usual minute of a service. */
export function usualVector(minute: number, scale = 1): readonly number[] {
  const load = 100 + 20 * Math.sin(minute / 30) + ((minute * 7919) % 10)
  return [scale * load, scale * (load / 50 + ((minute * 31) % 3)), 20 + load / 10 + ((minute * 104_729) % 5)]
}

/** A model of so many usual minutes, whose numbers are so many times as large. */
export function modelOf(scale = 1, rows = 600): TrainedModel {
  const moments = new VectorMoments({ featureCount: features.length })
  for (let minute = 0; minute < rows; minute++) moments.learn(usualVector(minute, scale))
  return {
    kind: 'pca',
    features,
    intervalMs: 60_000,
    options: {},
    fromMs: 0,
    untilMs: (rows - 1) * 60_000,
    rows,
    figures: { learned: rows },
    trainedMs: rows * 60_000,
    bytes: Buffer.from(PcaModel.of(moments).toBytes()).toString('base64'),
  }
}
