// `npm run logcases -- [FILE.jsonl …] [--source TEXT] [--worst N]`: inputs with their right values through the default
// pipeline, a table of what is right, and exit code 1 below the goals.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareCase } from './compare-case.ts'
import { Disputes } from './disputed.ts'
import { goalResults } from './goals.ts'
import { type LogCase, readCases } from './log-case.ts'
import type { Outcome } from './outcome.ts'
import { table, worst } from './report.ts'
import { Tally } from './tally.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    source: { type: 'string', default: '' },
    worst: { type: 'string', default: '20' },
  },
})

const root = process.cwd()
const ownCases = join(root, 'test/data/logcases')
const files = positionals.length > 0 ? positionals : readdirSync(ownCases).map((name) => join(ownCases, name))
const disputes = new Disputes(join(root, 'bench/logcases/disputed.json'))
const outcomes: Outcome[] = []
const notRun: LogCase[] = []
for (const logCase of files.flatMap(readCases)) {
  if (!logCase.source.includes(values.source)) continue
  const outcome = await compareCase(logCase)
  if (outcome === undefined) notRun.push(logCase)
  else outcomes.push(disputes.without(outcome))
}

const all = new Tally()
for (const outcome of outcomes) all.add(outcome)
const goals = goalResults(all)
const say = (line: string) => process.stdout.write(`${line}\n`)
for (const line of table(outcomes, (source) => source)) say(line)
say('')
for (const line of table(outcomes, (source) => source.split(':')[0] ?? source)) say(line)
say(`\nthe worst ${values.worst}`)
for (const line of worst(outcomes, Number(values.worst))) say(line)
say('')
for (const { source, input } of notRun) say(`not run, its words are not understood: ${source}: ${input}`)
if (disputes.count > 0) say(`${disputes.count} values are disputed (bench/logcases/disputed.json)`)
for (const { name, isReached, text } of goals) say(`${isReached ? 'reached' : 'MISSED '}  ${name}: ${text}`)
process.exitCode = goals.every(({ isReached }) => isReached) ? 0 : 1
