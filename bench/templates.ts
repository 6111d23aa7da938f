// `npm run bench -- templates [--data FOLDER]`: how well templates group the lines of LogHub, what a line costs, and which
// sessions of HDFS are found unusual. FOLDER has the files NAME_2k.log_structured.csv of https://github.com/logpai/loghub, and
// hdfs_train and hdfs_test_abnormal of https://github.com/wuyifan18/DeepLog; without it, the slices of test/data/loghub are
// read. Exit code 1 where a figure differs from the published one, or is below its goal.
import { join } from 'node:path'
import { Command } from 'commander'
import { TemplateMiner } from '../src/detection/index.ts'
import { median } from './median.ts'
import { groupingAccuracy } from './templates/grouping-accuracy.ts'
import { type LabelledLines, labelledLines, logSets, structuredFile } from './templates/loghub.ts'
import { agreement, minedIds } from './templates/mined.ts'
import { deepLogSessions, hdfsSessions, type Session, verdicts } from './templates/sessions.ts'

const slices = 'test/data/loghub'
/** On the whole sets, by default settings. */
const linesMin = 0.82
const sessionGoals = { f1: 0.65, precision: 0.95 }
const parts = 4
const rounds = 7
const linesPerRound = 200_000

const { data = slices } = new Command().option('--data <folder>').parse().opts<{ data?: string }>()
const isWhole = data !== slices
const found = logSets.flatMap((set) => {
  const file = structuredFile(data, set.name)
  return file === undefined ? [] : [{ ...set, file, ...labelledLines(file) }]
})
for (const { name } of logSets) {
  if (!found.some((set) => set.name === name)) console.log(`${name}_2k.log_structured.csv is not in ${data}`)
}
if (found.length === 0) process.exit(1)

console.log(
  `\nset           lines  published  paper's settings  default  groups  templates  same ids in ${parts} parts`,
)
const defaults = found.map(report)
if (isWhole) {
  const average = defaults.reduce((sum, share) => sum + share, 0) / defaults.length
  console.log(`\naverage by default settings: ${average.toFixed(4)}; goal: ${linesMin}`)
  if (average < linesMin) process.exitCode = 1
}
reportCosts(found.flatMap(({ messages }) => messages))
reportSessions()

/** The share of lines in right groups, by default settings. */
function report(set: (typeof logSets)[number] & LabelledLines): number {
  const { name, published, paper, messages, groups } = set
  const byPaper = groupingAccuracy(minedIds(messages, paper), groups)
  const ids = minedIds(messages, {})
  const byDefault = groupingAccuracy(ids, groups)
  const isExact = byPaper.lines.toFixed(4) === published.toFixed(4)
  if (isWhole && !isExact) process.exitCode = 1
  console.log(
    [
      name.padEnd(12),
      String(messages.length).padStart(6),
      published.toFixed(4).padStart(10),
      `${byPaper.lines.toFixed(4)}${isWhole ? (isExact ? ' equal' : ' DIFFERS') : ''}`.padStart(17),
      byDefault.lines.toFixed(4).padStart(8),
      byDefault.groups.toFixed(3).padStart(7),
      String(new Set(ids).size).padStart(10),
      agreement(messages, {}, parts).toFixed(3).padStart(10),
    ].join(' '),
  )
  return byDefault.lines
}

/** Of a miner that knows the templates, as a worker's does after its first minutes. */
function reportCosts(messages: readonly string[]): void {
  const miner = new TemplateMiner()
  for (const message of messages) miner.learn(message)
  const { rows } = miner.takeChanges()
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage()
    for (let line = 0; line < linesPerRound; line++) miner.learn(messages[line % messages.length] as string)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / linesPerRound
  })
  const usPerLine = median(times)
  const bytes = rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0) / rows.length
  console.log(
    `\n${usPerLine.toFixed(2)} us a line (median of ${rounds} rounds), ${Math.round(1e6 / usPerLine).toLocaleString('en')} lines/s on one core; ` +
      `${miner.size} templates, ${Math.round(bytes)} bytes each in a store`,
  )
}

function reportSessions(): void {
  const { train, test } = hdfsSessions(join(slices, 'HDFS_100k_sessions.csv'))
  const { precision, recall, f1 } = verdicts(train, test)
  const shown = [precision, recall, f1].map((share) => share.toFixed(3))
  console.log(`\nsessions of HDFS-100k: precision ${shown[0]}, recall ${shown[1]}, F1 ${shown[2]}`)
  if (f1 < sessionGoals.f1 || precision < sessionGoals.precision) process.exitCode = 1
  const names = ['hdfs_train', 'hdfs_test_abnormal'] as const
  const [usual, abnormal] = names.map((name, index) => deepLogSessions(join(data, name), index === 1))
  if (usual === undefined || abnormal === undefined) console.log(`${names.join(' and ')} are not both in ${data}`)
  else reportDeepLog(usual, abnormal)
}

/** Every fifth usual session is judged, the others are learned. */
function reportDeepLog(usual: readonly Session[], abnormal: readonly Session[]): void {
  const heldBack = usual.filter((_, index) => index % 5 === 0)
  const learned = usual.filter((_, index) => index % 5 !== 0)
  const { recall, falseShare } = verdicts(learned, [...heldBack, ...abnormal])
  console.log(
    `sessions of DeepLog: recall ${recall.toFixed(3)}, ${(falseShare * 100).toFixed(2)} % of usual ones found`,
  )
}
