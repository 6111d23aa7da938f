import { Command } from 'commander'
import { startKafka } from '../../test/support/kafka-cluster.ts'
import { elapsedLines } from '../elapsed-lines.ts'
import { runReplayCheck } from './check-run.ts'
import { writeCheckReport } from './check-report.ts'

const command = new Command('npm run replay:check --')
  .description('Replays a range beside a live application on a real broker, kills the replay twice, and compares.')
  .option('--records <count>', 'records before the replay begins', '1000000')
  .parse()

const say = elapsedLines()
const cluster = await startKafka()
try {
  const { records } = command.opts<{ records: string }>()
  const result = await runReplayCheck({ bootstrap: cluster.bootstrap, records: Number(records), say })
  writeCheckReport(result)
  say(result.faults.length === 0 ? 'the replay adds up' : 'THE REPLAY DOES NOT ADD UP')
  process.exitCode = result.faults.length === 0 ? 0 : 1
} finally {
  await cluster.stop()
}
