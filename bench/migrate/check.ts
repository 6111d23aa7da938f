import { mkdtemp } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { guardFolder } from '../../scripts/lab/guard.mjs'
import { textTable } from '../../src/cli/text-table.ts'
import { startKafka } from '../../test/support/kafka-cluster.ts'
import { elapsedLines } from '../elapsed-lines.ts'
import { wholeNumber } from '../whole-number.ts'
import { isEqual, type ResultVerdict } from './compare-results.ts'
import { runLive } from './live-run.ts'
import { ShopLab } from './shop-lab.ts'
import { runTurns } from './turns-run.ts'

const command = new Command('npm run migrate:check --')
  .description(
    'Kafka Streams for Java and millrace run one application, by turns and in one group; results equal those of either alone.',
  )
  .option('--records <count>', 'records of each of the four turns', wholeNumber(), 3000)
  .option('--rounds <count>', 'joins, leaves, freezes and kills in the shared group; 0: none', wholeNumber(), 10)
  .option('--rate <count>', 'records a second while the group is shared', wholeNumber(), 100)
  .option('--seed <number>', 'seed of the input and of the rounds', wholeNumber(), 1)
  .parse()
const { records, rounds, rate, seed } = command.opts<{
  records: number
  rounds: number
  rate: number
  seed: number
}>()

const say = elapsedLines()
const folder = await mkdtemp(join(tmpdir(), 'millrace-migrate-'))
guardFolder(folder)
// A transaction that a killed process left open is aborted soon after its timeout, which is that of either engine.
const cluster = await startKafka({ extra: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' } })
const rows: (readonly [what: string, verdict: ResultVerdict])[] = []
try {
  const { bootstrap } = cluster
  say(`load ${loadavg()[0]?.toFixed(1)}`)
  if (records > 0) {
    const lab = await ShopLab.open(bootstrap, folder, 'turns-', seed)
    try {
      for (const { applicationId, engine, verdicts } of await runTurns({ lab, recordsPerTurn: records, say }))
        rows.push(...verdicts.map((verdict) => [`${applicationId}, ${engine} alone`, verdict] as const))
    } finally {
      await lab.close()
    }
  }
  if (rounds > 0) {
    const lab = await ShopLab.open(bootstrap, folder, 'live-', seed)
    try {
      const verdicts = await runLive({ lab, rounds, ratePerSecond: rate, seed, say })
      rows.push(...verdicts.map((verdict) => ['live, java alone', verdict] as const))
    } finally {
      await lab.close()
    }
  }
} finally {
  await cluster.stop()
}

const cells = rows.map(([what, verdict]) => {
  const { topic, expected, found, lost, doubled, wrong } = verdict
  return [isEqual(verdict) ? 'ok' : 'DIFFERS', what, topic, expected, found, lost, doubled, wrong]
})
console.log(textTable(['', 'compared', 'topic', 'expected', 'found', 'lost', 'doubled', 'wrong'], cells))
for (const [what, { topic, examples }] of rows)
  for (const example of examples.slice(0, 5)) console.log(`${what}, ${topic}: ${example}`)
const ok = rows.length > 0 && rows.every(([, verdict]) => isEqual(verdict))
say(ok ? 'all results are equal' : 'THE RESULTS DIFFER')
process.exit(ok ? 0 : 1)
