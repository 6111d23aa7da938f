import {
  Autoencoder,
  IsolationForest,
  OnlineForest,
  PcaModel,
  type VectorModel,
  VectorMoments,
  VectorWatch,
} from '../../src/detection/index.ts'
import { type RowFigures, rowFigures, type SensorRun, trainingRows } from './skab-corpus.ts'

/** Makes a model from the first rows of a run. */
export type TrainModel = (rows: Float64Array, featureCount: number) => VectorModel

/** The models that are trained at once, by name. */
export const skabModels: Readonly<Record<string, TrainModel>> = {
  'principal components': (rows, featureCount) => PcaModel.of(momentsOf(rows, featureCount)),
  'isolation forest': (rows, featureCount) => IsolationForest.train(rows, featureCount),
  'online forest': (rows, featureCount) => {
    const forest = new OnlineForest({ featureCount })
    for (const row of rowsOf(rows, featureCount)) forest.learn(row)
    return forest
  },
  // Few rows: each is learned from more often than the rows of a week are.
  autoencoder: (rows, featureCount) => Autoencoder.train(rows, { featureCount, epochs: 15 }),
}

/** Runs a model over all runs, with the settings of a watch that are the default. */
export function skabFigures(runs: readonly SensorRun[], train: TrainModel): RowFigures {
  return rowFigures(
    runs,
    runs.map((run) => foundIn(run, train)),
  )
}

/** The rows of numbers one after the other. */
export function rowsOf(values: Float64Array, featureCount: number): readonly Float64Array[] {
  return Array.from({ length: values.length / featureCount }, (_, row) =>
    values.subarray(row * featureCount, (row + 1) * featureCount),
  )
}

function momentsOf(rows: Float64Array, featureCount: number): VectorMoments {
  const moments = new VectorMoments({ featureCount })
  for (const row of rowsOf(rows, featureCount)) moments.learn(row)
  return moments
}

function foundIn({ features, values }: SensorRun, train: TrainModel): readonly boolean[] {
  const size = features.length
  const model = train(values.subarray(0, trainingRows * size), size)
  const watch = new VectorWatch({ features }, model)
  const rows = rowsOf(values, size)
  // The model may look at several rows: the first ones after the training have those before.
  const from = trainingRows - model.steps + 1
  return rows.slice(from).flatMap((row, index) => {
    const { isUnusual } = watch.observe(row, index)
    return index < model.steps - 1 ? [] : [isUnusual]
  })
}
