// `npm run bench -- detect`: what detectors find, and what they cost.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { dayMs } from '../src/core/calendar.ts'
import { type DetectorRun, type LabelledPoints, runDetector } from './detect/detector-run.ts'
import { detectorsIn, readNab, readPublished, readResults } from './detect/nab-corpus.ts'
import { reportPredictions } from './detect/prediction-report.ts'
import { reportVectors } from './detect/vector-report.ts'
import { bestScore, type NabResult, profiles, type ScoredSeries, scoreAt } from './detect/nab-score.ts'
import { median } from './median.ts'
import { heldBackSeed, syntheticFigures } from './detect/synthetic-figures.ts'

/** Settings of detectors that were tried on NAB, these in this project and 45 in the experiment before. */
const variantsTried = 81
const thresholds = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]

const { data } = new Command('npm run bench -- detect')
  .description('What detectors and models find and cost: on synthetic series, on the benchmarks NAB and SKAB.')
  .option('--data <folder>', 'a checkout of NAB, or a folder that has one as NAB, and one of SKAB as SKAB')
  .parse()
  .opts<{ data?: string }>()

printSynthetic()
const folder = data === undefined ? undefined : [data, join(data, 'NAB')].find((one) => existsSync(join(one, 'labels')))
const nab = folder === undefined ? undefined : readNab(folder)
if (folder === undefined || nab === undefined) {
  const where = data === undefined ? 'no folder is given' : `${data} has no folder labels, and no NAB`
  console.log(`\nNAB is left out, ${where}: give a checkout of numenta/NAB with --data`)
} else {
  const isEqual = printPublished(folder, nab)
  printOurs(nab)
  if (!isEqual) process.exitCode = 1
}
reportVectors(data)
reportPredictions(nab)

function printSynthetic(): void {
  console.log('synthetic series of 43 days with four incidents each, held-back seeds, default settings')
  for (const everyMs of [undefined, 30 * dayMs]) {
    const { byKind, byFamily, nab: results } = syntheticFigures(heldBackSeed, 10, everyMs)
    console.log(`\nfalseAlarmEvery ${everyMs === undefined ? 'off' : '30d'}, NAB's score: ${resultsText(results)}`)
    for (const [kind, { found, of }] of Object.entries(byKind))
      console.log(`  ${kind.padEnd(12)} ${found} of ${of} found`)
    for (const [family, { found, of, falseAlertsPerDay }] of Object.entries(byFamily)) {
      console.log(`  ${family.padEnd(12)} ${found} of ${of} found, ${falseAlertsPerDay.toFixed(3)} false alerts a day`)
    }
  }
}

/** Whether the scores of all published detectors come out as published, at the published thresholds. */
function printPublished(root: string, series: readonly LabelledPoints[]): boolean {
  const published = readPublished(root)
  if (published === undefined) {
    console.log(`\n${root} has no config/thresholds.json and results/final_results.json: the scorer is not checked`)
    return true
  }
  console.log(`\nNAB, detectors of others from their outputs: our score at the published threshold (published)`)
  let [equal, compared] = [0, 0]
  for (const detector of detectorsIn(root, series)) {
    const scores = published.scores[detector]
    if (scores === undefined) continue
    const corpus = readResults(root, detector, series)
    const texts = profiles.map((profile) => {
      const threshold = published.thresholds[detector]?.[profile.key]?.threshold ?? 1.1
      const { score } = scoreAt(corpus, profile, threshold)
      const expected = scores[profile.key] ?? Number.NaN
      compared++
      if (Math.abs(score - expected) < 0.0005) equal++
      return `${score.toFixed(3)} (${expected.toFixed(3)})`
    })
    console.log(`  ${detector.padEnd(18)} ${texts.join('  ')}`)
  }
  console.log(`  ${equal} of ${compared} equal to three decimals`)
  return equal === compared
}

function printOurs(series: readonly LabelledPoints[]): void {
  const startedCpu = process.cpuUsage()
  const shipped = series.map((one) => runDetector(one, {}))
  const points = series.reduce((sum, { points: { length } }) => sum + length, 0)
  const usPerPoint = process.cpuUsage(startedCpu).user / points
  const byThreshold = new Map(
    thresholds.map((threshold) => [threshold, series.map((one) => runDetector(one, { threshold }).alerts)]),
  )
  console.log(
    `\nNAB, ours (${variantsTried} variants were tried on it)   standard, low-FP, low-FN: windows found / false alerts`,
  )
  const rows: readonly (readonly [string, readonly NabResult[]])[] = [
    ['alerts as shipped', profiles.map((profile) => scoreAt(alertsOf(shipped), profile, 1))],
    [
      'alerts, best threshold',
      profiles.map((profile) => bestOf([...byThreshold.values()].map((alerts) => scoreAt(alerts, profile, 1)))),
    ],
    [
      'scores, no cool-down',
      profiles.map((profile) =>
        bestScore(
          shipped.map(({ scores }) => scores),
          profile,
        ),
      ),
    ],
  ]
  for (const [name, results] of rows) console.log(`  ${name.padEnd(24)} ${resultsText(results)}`)
  console.log(
    `  ${'two-fold threshold'.padEnd(24)} ${profiles.map((profile) => twoFold(byThreshold, profile).toFixed(1)).join('  ')}`,
  )
  const bytes = shipped.map(({ stateBytes }) => stateBytes)
  const [usual, most] = [median(bytes), Math.max(...bytes)]
  console.log(
    `  ${usPerPoint.toFixed(2)} us a point; state ${usual} bytes a series, ${most} at most; three series ${3 * usual}, ${3 * most} at most`,
  )
}

/** Each half of the series at the threshold that is the best for the other half. */
function twoFold(
  byThreshold: ReadonlyMap<number, readonly ScoredSeries[]>,
  profile: (typeof profiles)[number],
): number {
  const halfOf = (alerts: readonly ScoredSeries[], half: number): ScoredSeries[] =>
    alerts.filter((_, index) => index % 2 === half)
  let [sum, windowCount] = [0, 0]
  for (const half of [0, 1]) {
    const results = [...byThreshold.values()].map((alerts) => ({
      other: scoreAt(halfOf(alerts, 1 - half), profile, 1).score,
      own: scoreAt(halfOf(alerts, half), profile, 1).score,
      windows: halfOf(alerts, half).reduce((count, { windows }) => count + windows.length, 0),
    }))
    const chosen = results.reduce((best, result) => (result.other > best.other ? result : best))
    sum += chosen.own * chosen.windows
    windowCount += chosen.windows
  }
  return sum / windowCount
}

function alertsOf(runs: readonly DetectorRun[]): readonly ScoredSeries[] {
  return runs.map(({ alerts }) => alerts)
}

function bestOf(results: readonly NabResult[]): NabResult {
  return results.reduce((best, result) => (result.score > best.score ? result : best))
}

function resultsText(results: readonly NabResult[]): string {
  return results
    .map(({ score, windowsFound, falseAlerts }) => `${score.toFixed(1)} (${windowsFound}/${falseAlerts})`)
    .join('  ')
}
