import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { median } from './median.ts'
import { type Engine, jobProgram, type Program } from './peers/job-program.ts'
import type { Job } from './peers/jobs.ts'
import { partitions, writeLogs } from './peers/logs.ts'
import { measuredRun, type RunCost } from './peers/measured-run.ts'
import { type OutputSum, outputSum } from './peers/output-sum.ts'
import { wholeNumber } from './whole-number.ts'

/** What runs a job, under a name of its own in the table. */
interface Peer {
  readonly name: string
  readonly engine: Engine
  readonly variant: string
  readonly guarantee: 'at-least-once' | 'exactly-once'
}

const options = new Command('npm run bench -- peers')
  .description(
    'Whole jobs over a real broker, program after program in each round: millrace, a raw program, Kafka Streams.',
  )
  .option('--jobs <names>', 'of A, B', 'A,B')
  .option('--logs <count>', 'in 6 partitions', wholeNumber(1000), 8_000_000)
  .option('--rounds <count>', 'the table has medians of their ratios', wholeNumber(1), 3)
  .option('--only <names>', 'of the programs, such as "millrace json,java"')
  .option('--commit-ms <ms>', 'commit interval at least once; exactly once it is 100', wholeNumber(1), 1000)
  .option('--save', 'write bench/results')
  .option('--profile [folder]', 'write a CPU profile of each run of millrace there (default .millrace/profiles)')
  .parse()
  .opts<{
    jobs: string
    logs: number
    rounds: number
    only?: string
    commitMs: number
    save?: true
    profile?: string | true
  }>()

const once = 'at-least-once'
const peersOf: Readonly<Record<Job, readonly Peer[]>> = {
  A: [
    { name: 'java', engine: 'java', variant: 'default', guarantee: once },
    { name: 'java tuned', engine: 'java', variant: 'tuned', guarantee: once },
    { name: 'millrace json', engine: 'millrace', variant: 'json', guarantee: once },
    { name: 'millrace view', engine: 'millrace', variant: 'view', guarantee: once },
    { name: 'raw parse', engine: 'raw', variant: 'parse', guarantee: once },
    { name: 'raw splice', engine: 'raw', variant: 'splice', guarantee: once },
  ],
  B: [
    { name: 'java', engine: 'java', variant: 'default', guarantee: once },
    { name: 'java tuned', engine: 'java', variant: 'tuned', guarantee: once },
    { name: 'java exactly once', engine: 'java', variant: 'default', guarantee: 'exactly-once' },
    { name: 'millrace json', engine: 'millrace', variant: 'json', guarantee: once },
    { name: 'millrace view', engine: 'millrace', variant: 'view', guarantee: once },
    { name: 'millrace view exactly once', engine: 'millrace', variant: 'view', guarantee: 'exactly-once' },
  ],
}

const { logs } = options
const folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'))
const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)
const admin = client.driver.admin()
const results: { readonly job: Job; readonly peer: string; readonly round: number; readonly cost: RunCost }[] = []
let runs = 0

function programOf({ engine }: Peer): Promise<Program> {
  const profile = options.profile === true ? '.millrace/profiles' : options.profile
  return jobProgram(engine, profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`])
}

async function runOnce(job: Job, peer: Peer): Promise<{ readonly cost: RunCost; readonly output: OutputSum }> {
  const application = `peers-${++runs}`
  const state = join(folder, application)
  mkdirSync(state)
  await admin.createTopics(
    [{ name: `${application}-out`, partitions, replicationFactor: 1, configs: { 'retention.ms': '-1' } }],
    30_000,
  )
  const { program, args } = await programOf(peer)
  const named = {
    bootstrap: kafka.bootstrap,
    application,
    state,
    job,
    variant: peer.variant,
    guarantee: peer.guarantee,
    commitMs: peer.guarantee === once ? options.commitMs : 100,
    threads: 1,
  }
  const own = Object.entries(named).map(([name, value]) => `${name}=${value}`)
  const watched = { admin, application, logs, brokerPid: kafka.pidOf(1) }
  const cost = await measuredRun({ program, args: [...args, ...own] }, watched)
  const output = await outputSum(client, `${application}-out`, job === 'B')
  rmSync(state, { recursive: true })
  return { cost, output }
}

async function measure(job: Job): Promise<void> {
  const only = options.only?.split(',')
  const peers = peersOf[job].filter(({ name }) => only === undefined || only.includes(name))
  let expected: OutputSum | undefined
  for (let round = 0; round < options.rounds; round++) {
    for (const peer of peers) {
      const { cost, output } = await runOnce(job, peer)
      expected ??= output
      if (output.sum !== expected.sum || output.records !== expected.records)
        throw new Error(
          `${job}, ${peer.name}: the output is ${show(output)}, that of the first program ${show(expected)}`,
        )
      results.push({ job, peer: peer.name, round, cost })
      const load = (loadavg()[0] as number).toFixed(1)
      console.error(`${job}, round ${round + 1}, ${peer.name}: ${show(cost)}, load ${load}`)
    }
  }
  print(job, peers)
}

function show(values: object): string {
  const texts = Object.entries(values).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? rounded(value) : value}`,
  )
  return texts.join(', ')
}

function rounded(number: number): string {
  return number >= 100 ? Math.round(number).toLocaleString('en') : number.toFixed(2)
}

/** Rates beside the better one of Java in the same round; its time to warm up is in the first figure. */
function print(job: Job, peers: readonly Peer[]): void {
  const costs = (name: string) => results.filter((result) => result.job === job && result.peer === name)
  const best = (round: number, figure: keyof RunCost) =>
    Math.max(
      ...['java', 'java tuned'].flatMap((name) =>
        costs(name)
          .filter((of) => of.round === round)
          .map(({ cost }) => cost[figure]),
      ),
    )
  const middle = (name: string, figure: keyof RunCost) => rounded(median(costs(name).map(({ cost }) => cost[figure])))
  const ratio = (name: string, figure: keyof RunCost) =>
    median(costs(name).map(({ round, cost }) => cost[figure] / best(round, figure))).toFixed(2)
  console.log(`\n| job ${job} | records/s | of Java | warm | of Java | CPU s per million, warm | of the broker | MB |`)
  console.log('|---|---|---|---|---|---|---|---|')
  for (const { name } of peers) {
    const rates = (['recordsPerSecond', 'warmRecordsPerSecond'] as const).flatMap((figure) => [
      middle(name, figure),
      ratio(name, figure),
    ])
    const rest = (['warmCpuSecondsPerMillion', 'brokerCpuSecondsPerMillion', 'residentMegabytesMax'] as const).map(
      (figure) => middle(name, figure),
    )
    console.log(`| ${[name, ...rates, ...rest].join(' | ')} |`)
  }
}

function saveResults(): void {
  const date = new Date().toISOString()
  const machine = { node: process.version, cores: cpus().length, model: cpus()[0]?.model, loadAfter: loadavg() }
  mkdirSync('bench/results', { recursive: true })
  const file = `bench/results/peers-${date.slice(0, 10)}.json`
  writeFileSync(
    file,
    `${JSON.stringify({ bench: 'peers', date, ...machine, logs, rounds: options.rounds, results }, null, 1)}\n`,
  )
  console.log(`\nwritten to ${file}`)
}

try {
  await admin.createTopics(
    [{ name: 'logs', partitions, replicationFactor: 1, configs: { 'retention.ms': '-1' } }],
    30_000,
  )
  const producer = await client.producer(['logs'], { lingerMs: 100, bufferedBytesMax: 32 * 1024 * 1024 })
  await writeLogs(producer, 'logs', logs)
  await producer.close(10_000)
  for (const job of options.jobs.split(',') as Job[]) await measure(job)
  if (options.save) saveResults()
} finally {
  await admin.close()
  await client.close()
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
