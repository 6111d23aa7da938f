import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { startKafka } from '../test/support/kafka-cluster.ts'
import type { SceneOptions } from './failover/scene.ts'
import { type Figures, joinAndLeave, kill, rollingRestart, throughput } from './failover/scenes.ts'
import type { Engine } from './kafka-streams/peer-application.ts'
import { median } from './median.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- failover')
  .description(
    'What joins, ends and kills of instances cost the tasks of an application, beside Kafka Streams for Java.',
  )
  .addHelpText(
    'after',
    '\nWith more than 10,000 changes of state in a partition, an instance of Java that joins has no task before the\nprobing interval of the classic protocol (10 minutes) is over, and the bench does not wait for that.',
  )
  .option('--engines <names>', 'of millrace, java', 'millrace,java')
  .option('--protocols <names>', 'of classic, streams', 'classic,streams')
  .option('--scenes <names>', 'of join, kill, standby, rolling, guarantee', 'join,kill,standby,rolling,guarantee')
  .option('--rounds <count>', 'of each scene, in turn; the table has medians', wholeNumber(1), 1)
  .option('--keys <count>', 'rows of state', wholeNumber(8), 40_000)
  .option('--rate <count>', 'records per second', wholeNumber(1), 800)
  .option('--backlog <count>', 'records that are processed under each guarantee', wholeNumber(1), 800_000)
  .parse()
  .opts<Record<'engines' | 'protocols' | 'scenes', string> & Record<'rounds' | 'keys' | 'rate' | 'backlog', number>>()

const engines = options.engines.split(',') as Engine[]
const protocols = options.protocols.split(',') as SceneOptions['protocol'][]
const scenes = options.scenes.split(',')
const keys = Math.round(options.keys / 8)
const cacheBytes = 10 * 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), 'millrace-failover-'))
const kafka = await startKafka({ fullSpeed: true })
const measured = new Map<string, Map<string, number[]>>()

function note(column: string, figures: Figures): void {
  for (const [name, value] of Object.entries(figures)) {
    const row = measured.get(name) ?? new Map<string, number[]>()
    row.set(column, [...(row.get(column) ?? []), value])
    measured.set(name, row)
  }
}

async function measure(engine: Engine, protocol: SceneOptions['protocol']): Promise<void> {
  const { bootstrap } = kafka
  const column = `${engine} ${protocol}`
  const scene: SceneOptions = {
    bootstrap,
    folder,
    engine,
    protocol,
    guarantee: 'at-least-once',
    standbys: 0,
    keys,
    ratePerSecond: options.rate,
    cacheBytes: 0,
  }
  const say = (name: string) => console.error(`${column}: ${name}, load ${(loadavg()[0] as number).toFixed(1)}`)
  if (scenes.includes('join')) {
    say('an instance joins and leaves')
    note(column, await joinAndLeave(scene))
  }
  if (scenes.includes('kill')) {
    say('an instance is killed')
    note(column, await kill(scene))
  }
  if (scenes.includes('standby')) {
    say('an instance with standbys is killed')
    note(column, await kill({ ...scene, standbys: 1 }))
  }
  if (scenes.includes('rolling')) {
    say('four instances are restarted in turn')
    note(column, await rollingRestart(scene))
  }
  if (scenes.includes('guarantee')) {
    say('a backlog under each guarantee')
    const times = Math.max(1, Math.round(options.backlog / 8 / keys))
    const backlog = { ...scene, cacheBytes }
    const once = await throughput(backlog, times)
    const exact = await throughput({ ...backlog, guarantee: 'exactly-once' }, times)
    note(column, {
      'records/s at least once, commits every 100 ms': once,
      'records/s exactly once, commits every 100 ms': exact,
      'exactly once of at least once, %': (100 * exact) / once,
    })
  }
}

try {
  for (let round = 0; round < options.rounds; round++)
    for (const protocol of protocols) for (const engine of engines) await measure(engine, protocol)
  const columns = protocols.flatMap((protocol) => engines.map((engine) => `${engine} ${protocol}`))
  console.log(`| ms, unless said | ${columns.join(' | ')} |`)
  console.log(`|---|${columns.map(() => '---').join('|')}|`)
  for (const [name, row] of measured) {
    const cells = columns.map((column) => Math.round(median(row.get(column) ?? [])).toString())
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
} finally {
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
