import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { javaRestore } from '../scripts/kafka-streams/peer.mjs'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { diskMb } from './disk-usage.ts'
import { median } from './median.ts'
import { MemoryWatch } from './process-memory.ts'
import type { RestoreCost } from './restore-process.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- restore')
  .description(
    'Records a second and memory of a restore from an empty disk, by millrace and by Kafka Streams for Java in turn; then of a start of millrace on the state that is there.',
  )
  .option('--records <count>', 'records in the changelog, each with a key of its own', wholeNumber(1), 5_000_000)
  .option('--tasks <count>', 'partitions of the changelog', wholeNumber(1), 1)
  .option('--orders <names>', 'of keys in the changelog', 'random,sorted')
  .option('--rounds <count>', 'restores of each changelog', wholeNumber(1), 1)
  .option('--rivals <names>', 'settings of Java that restore the same: default, bulk, or none', 'default,bulk')
  .option('--profile [folder]', 'write a CPU profile of each restore there (default .millrace/profiles)')
  .parse()
  .opts<{ records: number; tasks: number; orders: string; rounds: number; rivals: string; profile?: string | true }>()

const { records, tasks } = options
const valueBytes = 100

/** Rows of 100 bytes under keys of 13. */
async function fill(client: WireClient, applicationId: string, order: string): Promise<void> {
  const changelog = `${applicationId}-agg-changelog`
  const admin = client.driver.admin()
  const topic = { partitions: tasks, replicationFactor: 1 }
  await admin.createTopics([{ ...topic, name: `${applicationId}-in`, configs: {} }], 30_000)
  await admin.createTopics([{ ...topic, name: changelog, configs: { 'cleanup.policy': 'compact' } }], 30_000)
  const numbers = Uint32Array.from({ length: records }, (_, index) => index)
  if (order === 'random') shuffle(numbers)
  const producer = await client.producer([changelog], {
    clientId: 'bench',
    bufferedBytesMax: 32 * 1024 * 1024,
    batchBytes: 256 * 1024,
    lingerMs: 100,
    idleLingerMs: 100,
  })
  const letters = Buffer.from(Array.from({ length: 65_536 }, (_, index) => 97 + ((index * 7919 + (index >> 5)) % 26)))
  const now = Date.now()
  for (let index = 0; index < records; index++) {
    if (producer.isFull) await producer.drained()
    const number = numbers[index] as number
    const at = (number * 31) % (letters.length - valueBytes)
    const key = Buffer.from(`k${String(number).padStart(12, '0')}`)
    producer.send(changelog, number % tasks, key, letters.subarray(at, at + valueBytes), now, [])
  }
  await producer.flush(300_000)
  await producer.close(10_000)
}

function shuffle(numbers: Uint32Array): void {
  let state = 42
  for (let index = numbers.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const other = Math.floor((state / 2 ** 32) * (index + 1))
    const number = numbers[index] as number
    numbers[index] = numbers[other] as number
    numbers[other] = number
  }
}

/** What restores the changelog of an application into a state directory. */
type Subject = (applicationId: string, stateDirectory: string) => readonly [program: string, args: readonly string[]]

async function run(subject: Subject, applicationId: string, stateDirectory: string) {
  const [program, args] = subject(applicationId, stateDirectory)
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout?.on('data', (data) => {
    text += String(data)
  })
  const memory = new MemoryWatch(child.pid as number)
  const [code] = (await once(child, 'close')) as [number | null]
  memory.stop()
  if (code !== 0) throw new Error(`the application ended with ${code}`)
  return { ...(JSON.parse(text) as RestoreCost), ownMb: memory.ownMbMax, storesMb: memory.storesMbMax }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const cluster = await startKafka({ fullSpeed: true })
const client = new WireClient(cluster.bootstrap)
const profiles = options.profile === true ? '.millrace/profiles' : options.profile
const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`]
const ours: Subject = (applicationId, state) => {
  const program = join(import.meta.dirname, 'restore-process.js')
  return [process.execPath, [...flags, program, cluster.bootstrap, applicationId, state, String(tasks)]]
}
const rivals = options.rivals === 'none' ? [] : options.rivals.split(',')
const java = rivals.length === 0 ? undefined : await javaRestore()
const rival =
  (settings: string): Subject =>
  (application, state) => {
    const named = Object.entries({ bootstrap: cluster.bootstrap, application, state, settings })
    return [java?.program ?? '', [...(java?.args ?? []), ...named.map(([name, value]) => `${name}=${value}`)]]
  }
const subjects = new Map([
  ['millrace', ours],
  ...rivals.map((settings) => [`java, ${settings} settings`, rival(settings)] as const),
])

/** One restore into an empty directory, as a line; resolves with its records per second. */
async function restore(name: string, subject: Subject, order: string, state: string): Promise<number> {
  const load = loadavg()[0] as number
  const cost = await run(subject, order, state)
  if (cost.records !== records) throw new Error(`${name} restored ${cost.records} of ${records} records`)
  const isOurs = subject === ours
  console.log(
    `${order}, ${name}: ${Math.round(cost.records / cost.restoreMs)}k records/s in ${(cost.restoreMs / 1000).toFixed(1)} s, ` +
      `running after ${(cost.runningMs / 1000).toFixed(1)} s, ` +
      `${((cost.cpuSeconds * 1e6) / records).toFixed(2)} us of processor time a record, ` +
      `memory ${cost.ownMb.toFixed(0)} MB${isOurs ? ` and ${cost.storesMb.toFixed(0)} MB of stores` : ''}, disk ${diskMb(state).toFixed(0)} MB, ` +
      `${isOurs ? `event loop held for ${cost.blockedMsMax.toFixed(0)} ms at most, ` : ''}closed in ${(cost.closeMs / 1000).toFixed(1)} s; load ${load.toFixed(1)}`,
  )
  return (records / cost.restoreMs) * 1000
}

try {
  for (const order of options.orders.split(',')) {
    await fill(client, order, order)
    const rates = new Map<string, number[]>([...subjects.keys()].map((name) => [name, []]))
    for (let round = 0; round < options.rounds; round++) {
      for (const [name, subject] of subjects) {
        const state = join(folder, `${order}-${round}`)
        rates.get(name)?.push(await restore(name, subject, order, state))
        if (subject === ours) {
          const again = await run(ours, order, state)
          console.log(
            `${order}, ${name} started again: running after ${(again.runningMs / 1000).toFixed(1)} s, ${again.cpuSeconds.toFixed(1)} s of processor time, ` +
              `event loop held for ${again.blockedMsMax.toFixed(0)} ms at most`,
          )
        }
        rmSync(state, { recursive: true })
      }
    }
    const own = median(rates.get('millrace') ?? [])
    for (const settings of rivals) {
      const name = `java, ${settings} settings`
      console.log(
        `${order}: millrace restores ${(own / median(rates.get(name) ?? [])).toFixed(2)} times as fast as ${name}`,
      )
    }
  }
} finally {
  await client.close()
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
