// `npm run bench -- parse [name]`: processor time per record of everything that makes documents of records.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { Command } from 'commander'
import { median } from './median.ts'
import { documentCases } from './parsing/document-cases.ts'
import { joiningCases } from './parsing/joining-cases.ts'
import { measured, type Row, warmUp } from './parsing/measure.ts'
import type { CaseGroup } from './parsing/parse-case.ts'
import { jsonPresetCases, textPresetCases, unknownCases } from './parsing/preset-cases.ts'
import { loginCases, redactionCases } from './parsing/redaction-cases.ts'
import { allStepCases } from './parsing/step-cases.ts'

const program = new Command('npm run bench -- parse')
  .description('Processor time per record of each preset, each step, redaction, joining and documents.')
  .argument('[name]', 'only titles and cases that contain this text')
  .option('--quick', 'a fifth of the effort: figures within about 20 %')
  .option('--no-save', 'do not write bench/results')
  .parse()
const only = program.args[0] ?? ''
const { quick = false, save } = program.opts<{ quick?: true; save: boolean }>()

const effort = quick ? { records: 1000, rounds: 3 } : { records: 5000, rounds: 5 }
const loadBefore = loadavg()
const groups = chosen([
  { title: 'read a line of each preset, from bytes to the event', cases: textPresetCases() },
  { title: 'read a record of each preset of JSON', cases: jsonPresetCases() },
  { title: 'read a record of no preset', cases: unknownCases() },
  { title: 'one step, with a new event', cases: allStepCases() },
  { title: 'redact', cases: redactionCases() },
  { title: 'look for a failed login', cases: loginCases() },
  { title: 'join lines', cases: joiningCases() },
  { title: 'from bytes to the document of the application worker', cases: documentCases() },
])

/** A title that has the text keeps all its cases. */
function chosen(all: readonly CaseGroup[]): readonly CaseGroup[] {
  return all
    .map(({ title, cases }) => ({
      title,
      cases: title.includes(only) ? cases : cases.filter(({ name }) => name.includes(only)),
    }))
    .filter(({ cases }) => cases.length > 0)
}

const rows: Row[] = []
warmUp(groups, effort.records)
for (const { title, cases } of groups) {
  const names = cases.some(({ runNewSource }) => runNewSource !== undefined)
  console.log(`\n${title.padEnd(54)}   bytes        ns${names ? '   new source' : ''}`)
  const before = rows.length
  for (const one of cases) {
    const row = measured(title, one, effort)
    rows.push(row)
    print(row)
  }
  printMedian(rows.slice(before))
}
console.log(
  `\n${rows.length} cases; best of ${effort.rounds} rounds of ${effort.records}; load ${loadBefore[0]?.toFixed(1)}`,
)
if (save && !quick && only === '') saveRows()

function print({ name, bytes, ns, newSourceNs }: Row): void {
  const fresh = newSourceNs === undefined ? '' : String(newSourceNs).padStart(10)
  console.log(`  ${name.slice(0, 52).padEnd(52)} ${String(bytes).padStart(7)} ${String(ns).padStart(9)} ${fresh}`)
}

function printMedian(of: readonly Row[]): void {
  if (of.length < 3) return
  const middle = median(of.map(({ ns }) => ns))
  console.log(`  ${'median'.padEnd(52)} ${''.padStart(7)} ${String(middle).padStart(9)}`)
}

function saveRows(): void {
  const date = new Date().toISOString()
  const result = { bench: 'parse', date, node: process.version, cores: cpus().length, loadBefore, ...effort, rows }
  mkdirSync('bench/results', { recursive: true })
  const file = `bench/results/parse-${date.slice(0, 10)}.json`
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  console.log(`written to ${file}`)
}
