import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { guardProcess, releaseProcess } from '../scripts/lab/guard.mjs'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { goalLine } from './goal.ts'
import { jobArguments, jobProgram } from './peers/job-program.ts'
import { generateLogs, partitions } from './peers/logs.ts'
import { type Peer, peersOf } from './peers/peer.ts'
import { type SavedFigure, saveRun } from './saved-run.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- latency')
  .description(
    'How long a record takes from its producer through job A of peers (one in five passes) to a consumer, at several rates.',
  )
  .option('--rates <numbers>', 'logs a second', '1000,10000,20000,40000')
  .option('--seconds <count>', 'of each rate, after a third of that to warm up', wholeNumber(3), 15)
  .option('--commit-ms <ms>', 'commit interval', wholeNumber(1), 1000)
  .option('--save', 'write bench/results')
  .option('--only <names>', 'of the programs, such as "millrace view,java"')
  .parse()
  .opts<{ rates: string; seconds: number; commitMs: number; only?: string; save?: true }>()

const names = options.only?.split(',') ?? ['java', 'millrace json', 'millrace view']
const peers = peersOf.A.filter(({ name }) => names.includes(name))
const tickMs = 5
const logsOf = [...generateLogs(20_000)].map(({ key, log }) => ({
  key: Buffer.from(key),
  value: Buffer.from(JSON.stringify(log)),
}))

const folder = mkdtempSync(join(tmpdir(), 'millrace-latency-'))
const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)
const admin = client.driver.admin()

/** Milliseconds of each record that came out in the measured time, sorted. */
async function latencies(application: string, rate: number): Promise<readonly number[]> {
  const [input, output] = ['logs', `${application}-out`]
  const producer = await client.producer([input], {
    acks: 'leader',
    idempotent: false,
    compression: 'none',
    lingerMs: 1,
  })
  const consumer = client.consumer({ fetchMaxWaitMs: 5 })
  consumer.assign(
    Array.from({ length: partitions }, (_, partition) => ({ topic: output, partition, offset: 'latest' as const })),
  )
  const beginMs = Date.now()
  const measuredFromMs = beginMs + (options.seconds * 1000) / 3
  const endMs = measuredFromMs + options.seconds * 1000
  const found: number[] = []
  const reading = (async () => {
    while (Date.now() < endMs + 500) {
      const batches = await consumer.poll(tickMs)
      const nowMs = Date.now()
      for (const batch of batches)
        for (let index = 0; index < batch.count; index++)
          if (batch.timestamp(index) >= measuredFromMs) found.push(nowMs - batch.timestamp(index))
    }
  })()
  for (let sent = 0; ; ) {
    const nowMs = Date.now()
    if (nowMs >= endMs) break
    for (const due = ((nowMs - beginMs) * rate) / 1000; sent < due; sent++) {
      const { key, value } = logsOf[sent % logsOf.length] as (typeof logsOf)[number]
      producer.send(input, sent % partitions, key, value, nowMs, [])
    }
    await sleep(tickMs)
  }
  await reading
  await Promise.all([producer.close(10_000), consumer.close()])
  return found.sort((left, right) => left - right)
}

/** Each goal beside its figure. `percentile` is NaN where nothing was measured. */
function printGoals(percentile: (peer: string, rate: number, share: 'p50' | 'p99') => number): void {
  const rates = options.rates.split(',').map(Number)
  const ours = 'millrace view'
  for (const rate of rates) {
    const ratio = percentile(ours, rate, 'p50') / percentile('java', rate, 'p50')
    console.log(goalLine({ about: `${ours}, p50 at ${rate} logs/s, of Java`, most: 1 }, ratio))
  }
  const grown = percentile(ours, 40_000, 'p50') / percentile(ours, 1000, 'p50')
  console.log(goalLine({ about: `${ours}, p50 at 40000 logs/s, of that at 1000`, most: 1 }, grown))
  const slowest = percentile(ours, 20_000, 'p99')
  console.log(goalLine({ about: `${ours}, p99 at 20000 logs/s`, most: 10, unit: ' ms' }, slowest))
}

async function started(application: string, peer: Peer): Promise<ChildProcess> {
  const state = join(folder, application)
  mkdirSync(state)
  const topic = { partitions, replicationFactor: 1, configs: {} }
  await admin.createTopics([{ ...topic, name: `${application}-out` }], 30_000)
  const { program, args } = await jobProgram(peer.engine)
  const own = jobArguments({
    bootstrap: kafka.bootstrap,
    application,
    state,
    job: 'A',
    input: 'logs',
    variant: peer.variant,
    guarantee: 'at-least-once',
    commitMs: options.commitMs,
    threads: 1,
  })
  const child = spawn(program, [...args, ...own], { stdio: ['pipe', 'pipe', 'inherit'] })
  guardProcess(child.pid as number)
  const lead = await client.producer(['logs'], { lingerMs: 0 })
  let isSeen = false
  child.stdout?.on('data', (chunk) => {
    isSeen ||= String(chunk).includes('FIRST')
  })
  while (!isSeen) {
    if (child.exitCode !== null) throw new Error(`${peer.name} has ended`)
    const { key, value } = logsOf[0] as (typeof logsOf)[number]
    lead.send('logs', 0, key, value, Date.now(), [])
    await sleep(100)
  }
  await lead.close(10_000)
  return child
}

try {
  await admin.createTopics([{ name: 'logs', partitions, replicationFactor: 1, configs: {} }], 30_000)
  console.log('| logs/s | | p50 ms | p95 | p99 | most | load |\n|---|---|---|---|---|---|---|')
  let runs = 0
  const measured = new Map<string, { readonly p50: number; readonly p99: number }>()
  for (const rate of options.rates.split(',').map(Number)) {
    for (const peer of peers) {
      const application = `latency-${++runs}`
      const child = await started(application, peer)
      const sorted = await latencies(application, rate)
      const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
      measured.set(`${peer.name} ${rate}`, { p50: at(0.5), p99: at(0.99) })
      const figures = [at(0.5), at(0.95), at(0.99), sorted.at(-1), (loadavg()[0] as number).toFixed(1)]
      console.log(`| ${[rate, peer.name, ...figures].join(' | ')} |`)
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
      releaseProcess(child.pid as number)
    }
  }
  if (options.save) {
    const figures = [...measured].flatMap(([name, { p50, p99 }]): SavedFigure[] => [
      { name: `${name} logs/s: p50 ms`, isBetter: 'lower', values: [p50] },
      { name: `${name} logs/s: p99 ms`, isBetter: 'lower', values: [p99] },
    ])
    console.log(`written to ${saveRun({ bench: 'latency', options, figures })}`)
  }
  printGoals((peer, rate, share) => measured.get(`${peer} ${rate}`)?.[share] ?? Number.NaN)
} finally {
  await admin.close()
  await client.close()
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
