import { join } from 'node:path'
import { Command } from 'commander'
import { textTable } from '../../src/cli/text-table.ts'
import { startKafka } from '../../test/support/kafka-cluster.ts'
import { elapsedLines } from '../elapsed-lines.ts'
import { runLetterCheck } from './check-run.ts'

const command = new Command('npm run dlq:check --')
  .description(
    'Lets payments fail on a real broker, repairs the application, brings the dead letters back, and accounts.',
  )
  .option('--payments <count>', 'payments; one in ten fails, one in fifty for good', '20000')
  .parse()

const say = elapsedLines()
const cluster = await startKafka()
try {
  const { payments } = command.opts<{ payments: string }>()
  const programs = {
    cli: join(import.meta.dirname, '../../src/cli/main.js'),
    module: join(import.meta.dirname, 'topology.js'),
  }
  const { bootstrap } = cluster
  const options = { bootstrap, applicationId: 'dlq-check', payments: Number(payments), programs, say }
  const account = await runLetterCheck(options)
  const rows = account.map(({ what, expected, found, ok }) => [ok ? 'ok' : 'WRONG', what, expected, found])
  console.log(textTable(['', 'what', 'expected', 'found'], rows))
  const ok = account.every((line) => line.ok)
  say(ok ? 'the account adds up' : 'THE ACCOUNT DOES NOT ADD UP')
  process.exitCode = ok ? 0 : 1
} finally {
  await cluster.stop()
}
