import { goalLine } from '../goal.ts'
import { crossingFeatureNames, CrossingModel } from '../../src/detection/index.ts'
import { crossingResults, crossingTask } from './crossings.ts'
import type { LabelledPoints } from './detector-run.ts'
import { rampFigures } from './ramps.ts'
import { Random } from './random.ts'

/** No other program looks at these seeds: nothing was chosen by them. */
const heldBackSeed = 50_001
const rampCount = 600
const rowsOfCost = 130_000

/** Prints how well limits are predicted, and what it costs. */
export function reportPredictions(nab: readonly LabelledPoints[] | undefined): void {
  const { precision, recall, reports, ramps } = rampFigures(heldBackSeed, rampCount)
  console.log(
    `\ntrend to a limit within the hour, ${rampCount} synthetic series, held-back seeds: ${ramps} ramps, ${reports} reports`,
  )
  console.log(`  ${goalLine({ about: 'ramps, precision', least: 0.9 }, precision)}`)
  console.log(`  ${goalLine({ about: 'ramps, recall', least: 0.9 }, recall)}`)
  if (nab === undefined)
    console.log('\ncrossings in NAB are left out: give a folder with a checkout of numenta/NAB with --data')
  else reportCrossings(nab)
  reportTraining()
}

function reportCrossings(nab: readonly LabelledPoints[]): void {
  const task = crossingTask(nab.filter(({ name }) => !name.startsWith('artificial')))
  const results = crossingResults(task)
  const { baseShare, averagePrecision, persistence, calibrationError, atReport, trainingSeconds } = results
  console.log(
    `\nNAB, does a series exceed its 99 % within the hour: ${task.series} series, ${task.training.labels.length} rows to learn from, ${task.test.labels.length} to judge, ${(100 * baseShare).toFixed(1)} % do`,
  )
  console.log(`  ${goalLine({ about: 'average precision', least: 0.22 }, averagePrecision)}`)
  console.log(
    `  ${goalLine({ about: 'average precision over that of the value itself', least: 2 }, averagePrecision / persistence)}`,
  )
  console.log(`  ${goalLine({ about: 'calibration error', most: 0.05 }, calibrationError)}`)
  console.log(
    `  from 0.8 on: ${atReport.reported} rows, precision ${atReport.precision.toFixed(3)}, recall ${atReport.recall.toFixed(3)}; trained in ${trainingSeconds.toFixed(1)} s`,
  )
}

function reportTraining(): void {
  const random = new Random(5)
  const size = crossingFeatureNames.length
  const rows = Float64Array.from({ length: rowsOfCost * size }, () => random.normal())
  const labels = Uint8Array.from({ length: rowsOfCost }, (_, row) =>
    random.next() < 1 / (1 + Math.exp(3 - (rows[row * size] as number) - (rows[row * size + 5] as number))) ? 1 : 0,
  )
  const before = process.cpuUsage()
  const model = CrossingModel.train(rows, labels)
  const { user, system } = process.cpuUsage(before)
  console.log(
    `  ${goalLine({ about: 'training from 130,000 rows of 17', most: 60, unit: ' s' }, (user + system) / 1e6)}`,
  )
  const judged = 20_000
  const beforeJudging = process.cpuUsage()
  for (let row = 0; row < judged; row++) model.probability(rows, row * size)
  console.log(
    `  a row takes ${(process.cpuUsage(beforeJudging).user / judged).toFixed(1)} us, the model has ${model.toBytes().length} bytes`,
  )
}
