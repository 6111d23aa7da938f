import { Command } from 'commander'
import { elapsedLines } from '../elapsed-lines.ts'
import { runLogs } from './logs-run.ts'
import { runRecords } from './records-run.ts'

const command = new Command('npm run ledger --')
  .description('Sends records through the fleet on real servers while things break, and accounts for each of them.')
  .option('--records <count>', 'seeded records', '1000000')
  .option('--seed <number>', 'seed of the records', '1')
  .option(
    '--logs [folder]',
    'every line of the *.log files of a folder as plain text, in place of seeded records; the lines of LogHub without one',
  )
  .option('--again', 'with --logs: all lines are sent a second time, to workers that drop duplicates by content')
  .parse()

const { records, seed, logs, again } = command.opts<{
  records: string
  seed: string
  logs?: string | true
  again?: true
}>()
const say = elapsedLines()

const ok =
  logs === undefined
    ? await runRecords(Number(records), Number(seed), say)
    : await runLogs(
        {
          folder: logs === true ? '../shared/data/loghub' : logs,
          isLogHub: logs === true,
          isSentAgain: again === true,
        },
        say,
      )
say(ok ? 'the ledger adds up' : 'THE LEDGER DOES NOT ADD UP')
process.exit(ok ? 0 : 1)
