import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { guardProcess, releaseProcess } from '../scripts/lab/guard.mjs'
import type { Consumer } from '../src/kafka/port.ts'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { goalLine } from './goal.ts'
import { exactCommitMs, ours, ourWorker, type Scene, type SceneName, sceneNames, scenesOf } from './latency/scene.ts'
import { createTopics } from './peers/inputs.ts'
import { jobArguments, jobProgram } from './peers/job-program.ts'
import { partitions } from './peers/logs.ts'
import type { Peer } from './peers/peer.ts'
import { type SavedFigure, saveRun } from './saved-run.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- latency')
  .description(
    'How long a record takes from its producer to a consumer of what comes out, at several rates: through job A of peers (one in five passes), the same exactly once with commits each 100 ms, and the application worker of the fleet with a topic in place of its sinks.',
  )
  .option('--scenes <names>', 'some of them', sceneNames.join(','))
  .option('--rates <numbers>', 'logs a second', '1000,10000,20000,40000')
  .option('--seconds <count>', 'of each rate, after a third of that to warm up', wholeNumber(3), 15)
  .option('--commit-ms <ms>', 'commit interval at least once', wholeNumber(1), 1000)
  .option('--save', 'write bench/results')
  .option('--only <names>', 'of the programs, such as "millrace view,java"')
  .parse()
  .opts<{ scenes: string; rates: string; seconds: number; commitMs: number; only?: string; save?: true }>()

const scenes = scenesOf(options.scenes.split(','), options.only?.split(','), options.commitMs)
const rates = options.rates.split(',').map(Number)
const tickMs = 5

const folder = mkdtempSync(join(tmpdir(), 'millrace-latency-'))
const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)

/** Reads what comes from now on. */
function latestOf(topic: string): Consumer {
  const consumer = client.consumer({ fetchMaxWaitMs: 5 })
  consumer.assign(
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 'latest' as const })),
  )
  return consumer
}

/** Milliseconds of each log that came out in the measured time, sorted. */
async function latencies(scene: Scene, application: string, rate: number): Promise<readonly number[]> {
  const [input, output] = [scene.input, `${application}-out`]
  const producer = await client.producer([input], {
    acks: 'leader',
    idempotent: false,
    compression: 'none',
    lingerMs: 1,
  })
  const consumer = latestOf(output)
  const beginMs = Date.now()
  const measuredFromMs = beginMs + (options.seconds * 1000) / 3
  const endMs = measuredFromMs + options.seconds * 1000
  const found: number[] = []
  const reading = (async () => {
    while (Date.now() < endMs + 500) {
      const batches = await consumer.poll(tickMs)
      const nowMs = Date.now()
      for (const batch of batches)
        for (let index = 0; index < batch.count; index++) {
          const value = batch.timestamp(index) < measuredFromMs ? null : batch.value(index)
          if (value !== null && scene.isLog(value)) found.push(nowMs - batch.timestamp(index))
        }
    }
  })()
  for (let sent = 0; ; ) {
    const nowMs = Date.now()
    if (nowMs >= endMs) break
    for (const due = ((nowMs - beginMs) * rate) / 1000; sent < due; sent++) {
      const { key, value } = scene.log(sent, nowMs)
      producer.send(input, sent % partitions, key, value, nowMs, [])
    }
    await sleep(tickMs)
  }
  await reading
  await Promise.all([producer.close(10_000), consumer.close()])
  return found.sort((left, right) => left - right)
}

type PercentileOf = (scene: SceneName, peer: string, rate: number, share: 'p50' | 'p99') => number

/** Each goal beside its figure. `percentile` is NaN where nothing was measured. */
function printGoals(percentile: PercentileOf): void {
  const ofOurs = (rate: number, share: 'p50' | 'p99') => percentile('stateless', ours, rate, share)
  for (const rate of rates) {
    const ratio = ofOurs(rate, 'p50') / percentile('stateless', 'java', rate, 'p50')
    console.log(goalLine({ about: `${ours}, p50 at ${rate} logs/s, of Java`, most: 1 }, ratio))
  }
  const grown = ofOurs(40_000, 'p50') / ofOurs(1000, 'p50')
  console.log(goalLine({ about: `${ours}, p50 at 40000 logs/s, of that at 1000`, most: 1 }, grown))
  const slowest = ofOurs(20_000, 'p99')
  console.log(goalLine({ about: `${ours}, p99 at 20000 logs/s`, most: 10, unit: ' ms' }, slowest))
  for (const rate of rates) {
    const added = percentile('exactly-once', ours, rate, 'p99') - ofOurs(rate, 'p99')
    const about = `${ours}, what exactly-once adds to p99 at ${rate} logs/s`
    if (!Number.isNaN(added)) console.log(goalLine({ about, most: exactCommitMs, unit: ' ms' }, added))
  }
  for (const rate of rates) {
    const figure = percentile('fleet', ourWorker, rate, 'p99')
    const about = `${ourWorker}, p99 at ${rate} logs/s`
    if (!Number.isNaN(figure)) console.log(goalLine({ about, most: 100, unit: ' ms' }, figure))
  }
}

async function started(scene: Scene, application: string, peer: Peer): Promise<ChildProcess> {
  const state = join(folder, application)
  mkdirSync(state)
  await createTopics(client, [`${application}-out`])
  const { program, args } = await jobProgram(peer.engine)
  const own = jobArguments({
    bootstrap: kafka.bootstrap,
    application,
    state,
    job: scene.job,
    input: scene.input,
    variant: peer.variant,
    guarantee: scene.guarantee,
    commitMs: scene.commitMs,
    threads: 1,
  })
  const child = spawn(program, [...args, ...own], { stdio: ['pipe', 'pipe', 'inherit'] })
  guardProcess(child.pid as number)
  let seenMs = Number.POSITIVE_INFINITY
  child.stdout?.on('data', (chunk) => {
    if (String(chunk).includes('FIRST')) seenMs = Math.min(seenMs, Date.now())
  })
  const lead = await client.producer([scene.input], { lingerMs: 0 })
  const consumer = latestOf(`${application}-out`)
  // Until a log has come through all of it: a later part of the topology may start later.
  for (let sent = 0, isThrough = false; !isThrough; sent++) {
    if (child.exitCode !== null) throw new Error(`${peer.name} has ended`)
    const nowMs = Date.now()
    const { key, value } = scene.log(sent, nowMs)
    lead.send(scene.input, sent % partitions, key, value, nowMs, [])
    for (const batch of await consumer.poll(100))
      for (let index = 0; index < batch.count; index++) isThrough ||= batch.timestamp(index) > seenMs
  }
  await consumer.close()
  await lead.close(10_000)
  return child
}

interface Measured {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
}

/** Starts the program, measures it at the rate, and ends it. */
async function measured(scene: Scene, application: string, peer: Peer, rate: number): Promise<Measured> {
  const child = await started(scene, application, peer)
  const sorted = await latencies(scene, application, rate)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  const ended = once(child, 'exit')
  child.stdin?.end()
  await ended
  releaseProcess(child.pid as number)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) }
}

try {
  await createTopics(client, [...new Set(scenes.map(({ input }) => input)), 'services'])
  console.log('| | logs/s | | p50 ms | p95 | p99 | most | load |\n|---|---|---|---|---|---|---|---|')
  let runs = 0
  const all = new Map<string, Measured>()
  const nameOf = (scene: string, peer: string, rate: number) =>
    scene === 'stateless' ? `${peer} ${rate}` : `${scene}: ${peer} ${rate}`
  for (const scene of scenes) {
    for (const rate of rates.filter((each) => each <= scene.rateMax)) {
      for (const peer of scene.peers) {
        const found = await measured(scene, `latency-${++runs}`, peer, rate)
        all.set(nameOf(scene.name, peer.name, rate), found)
        const load = (loadavg()[0] as number).toFixed(1)
        console.log(`| ${[scene.name, rate, peer.name, ...Object.values(found), load].join(' | ')} |`)
      }
    }
  }
  if (options.save) {
    const figures = [...all].flatMap(([name, { p50, p99 }]): SavedFigure[] => [
      { name: `${name} logs/s: p50 ms`, isBetter: 'lower', values: [p50] },
      { name: `${name} logs/s: p99 ms`, isBetter: 'lower', values: [p99] },
    ])
    console.log(`written to ${saveRun({ bench: 'latency', options, figures })}`)
  }
  printGoals((scene, peer, rate, share) => all.get(nameOf(scene, peer, rate))?.[share] ?? Number.NaN)
} finally {
  await client.close()
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
