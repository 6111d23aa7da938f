import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { elapsedLines } from '../elapsed-lines.ts'
import { type ChaosOptions, runChaos } from './chaos-run.ts'

const guarantees = ['exactly-once', 'at-least-once'] as const

const command = new Command('npm run chaos --')
  .description(
    'An application under load on three brokers while everything breaks; a checker computes its results again.',
  )
  .option('--minutes <count>', 'how long things break', number, 20)
  .option('--seed <number>', 'seed of the input and of what breaks', number, 1)
  .option('--processes <count>', 'processes of the application, with two threads each', number, 4)
  .option('--rate <count>', 'records per second, over all inputs', number, 600)
  .addOption(
    new Option('--guarantee <name>', 'what the application promises').choices(guarantees).default('exactly-once'),
  )
  .option('--set <NAME=value...>', 'settings of the processes, as in --set GROUP_PROTOCOL=streams')
  .option('--keep', 'keep logs and state also where the results are right')
  .parse()

const say = elapsedLines()
const {
  minutes,
  seed,
  processes,
  rate,
  guarantee,
  set = [],
  keep = false,
} = command.opts<{
  minutes: number
  seed: number
  processes: number
  rate: number
  guarantee: ChaosOptions['guarantee']
  set?: readonly string[]
  keep?: boolean
}>()
const environment = Object.fromEntries(
  set.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
)
const result = await runChaos({
  built: join(import.meta.dirname, '../..'),
  seconds: minutes * 60,
  seed,
  processes,
  ratePerSecond: rate,
  guarantee,
  environment,
  keep,
  say,
})
for (const [name, count] of result.faults) process.stdout.write(`${name}: ${count}\n`)
for (const { topic, expected, found, lost, doubled, wrong } of result.verdicts)
  process.stdout.write(
    `${topic}: ${expected} expected, ${found} found, ${lost} lost, ${doubled} doubled, ${wrong} wrong\n`,
  )
say(`${result.written} records, all processed ${Math.round(result.settledMs / 1000)} s after the last fault`)
say(result.isRight ? 'the results are right' : 'THE RESULTS ARE NOT RIGHT')
process.exit(result.isRight ? 0 : 1)

function number(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
