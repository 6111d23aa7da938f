import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Autoencoder, IsolationForest, OnlineForest, PcaModel, VectorMoments } from '../../src/detection/index.ts'
import { goalLine } from '../goal.ts'
import { median } from '../median.ts'
import { Random } from './random.ts'
import { readSkab, type RowFigures } from './skab-corpus.ts'
import { skabFigures, skabModels } from './skab-models.ts'
import { syntheticSensors } from './synthetic-sensors.ts'

/** No other program looks at these seeds: nothing was chosen by them. */
const heldBackSeed = 9001
const featureCount = 8
const rounds = 5
const goals: Readonly<Record<string, number>> = {
  'principal components': 0.72,
  'isolation forest': 0.29,
  autoencoder: 0.7,
}

/** Prints what models of vectors find on runs of sensors, and what they cost. */
export function reportVectors(data: string | undefined): void {
  const runs = syntheticSensors(heldBackSeed, 16)
  console.log('\nvectors, 16 synthetic runs of eight sensors, held-back seeds, default settings')
  for (const [name, train] of Object.entries(skabModels)) printRow(name, skabFigures(runs, train))
  const folder =
    data === undefined ? undefined : [data, join(data, 'SKAB')].find((one) => existsSync(join(one, 'data', 'valve1')))
  const skab = folder === undefined ? undefined : readSkab(folder)
  if (skab === undefined) {
    console.log('\nSKAB is left out: give a folder with a checkout of waico/SKAB with --data')
  } else {
    console.log(`\nSKAB, ${skab.length} runs, learned from the first 400 rows of each, rows found`)
    for (const [name, train] of Object.entries(skabModels)) {
      const figures = skabFigures(skab, train)
      printRow(name, figures)
      const least = goals[name]
      if (least !== undefined) console.log(`  ${goalLine({ about: `SKAB F1, ${name}`, least }, figures.f1)}`)
    }
  }
  printCosts()
}

function printRow(name: string, { f1, falseAlarmShare, missedShare }: RowFigures): void {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  console.log(
    `  ${name.padEnd(22)} F1 ${f1.toFixed(3)}, false ${percent(falseAlarmShare)}, missed ${percent(missedShare)}`,
  )
}

/** On vectors that are no anomalies, as nearly all are. */
function printCosts(): void {
  const random = new Random(3)
  const rows = Float64Array.from({ length: 2016 * featureCount }, () => random.normal())
  const vectors = Array.from({ length: 2016 }, (_, row) => rows.subarray(row * featureCount, (row + 1) * featureCount))
  const moments = new VectorMoments({ featureCount })
  for (const vector of vectors) moments.learn(vector)
  const pca = PcaModel.of(moments)
  const forest = IsolationForest.train(rows, featureCount)
  const online = new OnlineForest({ featureCount })
  for (const vector of vectors) online.learn(vector)
  console.log('\nvectors of eight numbers, cost on one core')
  const most = 25
  cost('principal components, judge', vectors, (vector) => pca.judge(vector), pca.toBytes().length)
  cost('moments, learn', vectors, (vector) => moments.learn(vector), moments.toBytes().length)
  cost('isolation forest, judge', vectors, (vector) => forest.judge(vector), forest.toBytes().length, most)
  const both = (vector: Float64Array): void => {
    online.judge(vector)
    online.learn(vector)
  }
  cost('online forest, judge and learn', vectors, both, online.toBytes().length, most)
  const startedCpu = process.cpuUsage()
  const autoencoder = Autoencoder.train(rows, { featureCount })
  const { user, system } = process.cpuUsage(startedCpu)
  const windows = vectors.slice(12).map((_, row) => rows.subarray(row * featureCount, (row + 12) * featureCount))
  cost('autoencoder, judge', windows, (window) => autoencoder.judge(window), autoencoder.toBytes().length, 250)
  const about = 'autoencoder, 2,016 windows of 12 x 8, 8 epochs'
  console.log(`  ${goalLine({ about, most: 10, unit: ' s' }, (user + system) / 1e6)}`)
}

function cost(
  name: string,
  vectors: readonly Float64Array[],
  run: (vector: Float64Array) => unknown,
  bytes: number,
  most?: number,
): void {
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage()
    for (const vector of vectors) run(vector)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / vectors.length
  })
  const us = median(times)
  console.log(`  ${name.padEnd(32)} ${us.toFixed(2)} us, ${bytes} bytes`)
  if (most !== undefined) console.log(`  ${goalLine({ about: name, most, unit: ' us' }, us)}`)
}
