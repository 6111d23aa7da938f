import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { packageRoot } from '../scripts/lab/folders.mjs'
import { compareRuns } from './comparison.ts'
import { readRun } from './saved-run.ts'

const command = new Command('npm run bench -- compare')
  .description(
    'What has changed between two runs of a bench that were saved, as ratios to the raw program of the same rounds.',
  )
  .argument('<bench or files>', 'a bench, whose last two runs are compared, or two files of bench/results')
  .argument('[later]', 'the second file')
  .option('--fail', 'exit code 1 where a figure is worse in all rounds')
  .parse()
const { fail = false } = command.opts<{ fail?: true }>()
const [first = '', second] = command.args

function lastRunsOf(bench: string): readonly string[] {
  const folder = join(packageRoot(), 'bench', 'results')
  const dated = new RegExp(`^${bench}-\\d{4}-\\d\\d-\\d\\dT.*\\.json$`)
  const files = readdirSync(folder).filter((name) => dated.test(name))
  return files
    .sort()
    .slice(-2)
    .map((name) => join(folder, name))
}

const [earlier, later] = second === undefined ? lastRunsOf(first) : [first, second]
if (earlier === undefined || later === undefined) {
  console.log(`bench/results has fewer than two runs of ${first}: nothing is compared`)
  process.exit(0)
}
const runs = [readRun(earlier), readRun(later)] as const
const changes = compareRuns(...runs)
console.log(`${earlier} (${runs[0].versions.millrace}) and ${later} (${runs[1].versions.millrace})`)
const given = runs.map(({ options, machine: { cores, model } }) => JSON.stringify({ ...options, cores, model }))
if (given[0] !== given[1]) console.log(`they do not measure the same:\n  ${given.join('\n  ')}`)
console.log('\n| figure, of the raw program | times worse | |\n|---|---|---|')
for (const { name, worse, verdict } of changes) {
  console.log(`| ${name} | ${Number.isNaN(worse) ? '' : worse.toFixed(2)} | ${verdict} |`)
}
const worse = changes.filter(({ verdict }) => verdict === 'worse')
console.log(`\n${worse.length} of ${changes.length} figures are more than 10 % worse in all rounds`)
if (fail && worse.length > 0) process.exit(1)
