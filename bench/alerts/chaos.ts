import { Command } from 'commander'
import { elapsedLines } from '../elapsed-lines.ts'
import { wholeNumber } from '../whole-number.ts'
import { chaosLines, delaysOf, lossesOf } from './chaos-report.ts'
import { runChaos } from './chaos-run.ts'

const command = new Command('npm run alerts:chaos --')
  .description('Alerts fire and recover on a real broker while workers are killed and their receiver misbehaves.')
  .option('--seconds <count>', 'how long', wholeNumber(1), 180)
  .option('--seed <number>', 'seed of what fires and of what breaks', wholeNumber(1), 1)
  .option('--any-latency', 'beside other work: how long notices take is shown and is no fault')
  .parse()

const say = elapsedLines()
const { seconds, seed, anyLatency } = command.opts<{ seconds: number; seed: number; anyLatency?: true }>()
const result = await runChaos({ seconds, seed, say })
for (const line of chaosLines(result)) process.stdout.write(`${line}\n`)
const faults = [...lossesOf(result), ...(anyLatency ? [] : delaysOf(result))]
for (const fault of faults) process.stdout.write(`${fault}\n`)
say(faults.length === 0 ? 'the notices add up' : 'THE NOTICES DO NOT ADD UP')
process.exit(faults.length === 0 ? 0 : 1)
