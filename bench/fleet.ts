import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { fleetTopics } from '../fleet/topics.ts'
import { ensureTopics } from '../src/worker/index.ts'
import { writeServices } from '../fleet/start/feeder.ts'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { fillApplicationLogs } from './fleet-input.ts'
import type { WorkerCost } from './fleet-process.ts'
import type { RawCost } from './fleet-raw.ts'
import { cpuSecondsOf } from './peers/measured-run.ts'
import { saveRun } from './saved-run.ts'

/** The customer's floor: records a second of one process. */
const goal = 100_000

interface Round extends WorkerCost {
  readonly brokerCpuSeconds: number
  /** The raw program over the same records, right before the worker. */
  readonly raw: RawCost
}

const options = new Command('npm run bench -- fleet')
  .description('Records a second, CPU and memory of the application worker: enrich, dedupe, rates, alerts, file sinks.')
  .option('--records <count>', 'records in the input topic', '1000000')
  .option('--rounds <count>', 'runs, each as a group of its own from the first record', '3')
  .option('--port <number>', "the broker's first port; default: free ones")
  .option('--profile [folder]', 'write a CPU profile of each round there (default .millrace/profiles)')
  .option('--node-flags <flags>', 'for the worker, separated by blanks; what it prints goes to standard error')
  .option('--no-save', 'do not write bench/results')
  .parse()
  .opts<{
    records: string
    rounds: string
    port?: string
    profile?: string | true
    nodeFlags?: string
    save: boolean
  }>()

const records = Number(options.records)
const loadBefore = loadavg()
const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
const cluster = await startKafka({
  fullSpeed: true,
  ...(options.port === undefined ? {} : { port: Number(options.port) }),
})
const rounds: Round[] = []
try {
  await ensureTopics({ bootstrap: [cluster.bootstrap] }, fleetTopics(1))
  await writeServices({ bootstrap: [cluster.bootstrap] })
  const { meanBytes } = await fillApplicationLogs(cluster.bootstrap, records)
  console.log(`${records} logs of ${meanBytes.toFixed(0)} bytes, lz4, 12 partitions; load ${loadBefore[0]?.toFixed(1)}`)
  for (let round = 1; round <= Number(options.rounds); round++) {
    const raw = await runProgram<RawCost>('fleet-raw.js', round, [])
    const brokerBefore = cpuSecondsOf(cluster.pidOf(1))
    const cost = await runProgram<WorkerCost>('fleet-process.js', round, workerFlags())
    rounds.push({ ...cost, brokerCpuSeconds: cpuSecondsOf(cluster.pidOf(1)) - brokerBefore, raw })
    print(`round ${round}`, rounds.at(-1) as Round)
  }
  const middle = [...rounds].sort((left, right) => left.tookMs - right.tookMs)[Math.floor((rounds.length - 1) / 2)]
  if (middle !== undefined) print('median', middle)
  if (options.save) save()
} finally {
  await cluster.stop()
  await rm(folder, { recursive: true, force: true })
}

function workerFlags(): readonly string[] {
  const profileFolder = options.profile === true ? '.millrace/profiles' : options.profile
  const flags = options.nodeFlags?.split(' ') ?? []
  return profileFolder === undefined ? flags : [...flags, '--cpu-prof', `--cpu-prof-dir=${resolve(profileFolder)}`]
}

/** Runs a program of this folder over the records; what it cost is the last line of JSON that it prints. */
function runProgram<Cost>(program: string, round: number, flags: readonly string[]): Promise<Cost> {
  const own = join(folder, `round-${round}`)
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, program), String(records)], {
    env: {
      ...process.env,
      KAFKA_BOOTSTRAP_SERVERS: cluster.bootstrap,
      KAFKA_GROUP_PREFIX: `bench-${round}`,
      KAFKA_OFFSET_RESET: 'earliest',
      KAFKA_REPLICATION_FACTOR: '1',
      FILES_DIRECTORY: join(own, 'files'),
      STATE_DIRECTORY: join(own, 'state'),
      COMMIT_INTERVAL_MS: '5000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolvePromise, reject) => {
    child.once('exit', (code) => {
      rmSync(own, { recursive: true, force: true })
      const lines = output.trim().split('\n')
      const last = lines.findLastIndex((line) => line.startsWith('{'))
      for (const [index, line] of lines.entries()) if (index !== last && line !== '') console.error(line)
      if (code === 0) resolvePromise(JSON.parse(lines[last] ?? '') as Cost)
      else reject(new Error(`${program} ended with code ${code}`))
    })
  })
}

function figures(round: Round) {
  const millions = records / 1e6
  return {
    recordsPerSecond: Math.round((records / round.tookMs) * 1000),
    cpuSecondsPerMillion: Number((round.cpuSeconds / millions).toFixed(2)),
    brokerCpuSecondsPerMillion: Number((round.brokerCpuSeconds / millions).toFixed(2)),
    residentMb: Math.round(round.residentMbMax),
    rawRecordsPerSecond: Math.round((records / round.raw.tookMs) * 1000),
    rawCpuSecondsPerMillion: Number((round.raw.cpuSeconds / millions).toFixed(2)),
    cpuRatioToRaw: Number((round.cpuSeconds / round.raw.cpuSeconds).toFixed(2)),
  }
}

function print(name: string, round: Round): void {
  const { recordsPerSecond, cpuSecondsPerMillion, brokerCpuSecondsPerMillion, residentMb, ...raw } = figures(round)
  console.log(
    `${name}: raw program ${raw.rawRecordsPerSecond} records/s, ${raw.rawCpuSecondsPerMillion} CPU s per million; ` +
      `the worker needs ${raw.cpuRatioToRaw} times the CPU`,
  )
  console.log(
    `${name}: ${recordsPerSecond} records/s (goal ${goal}), ${cpuSecondsPerMillion} CPU s per million ` +
      `(broker ${brokerCpuSecondsPerMillion}), ${residentMb} MB resident ` +
      `(heap ${Math.round(round.heapMbMax)}, buffers ${Math.round(round.buffersMbMax)}); ${round.commits} commits, ` +
      `${round.duplicates} duplicates, ${round.deadLetters} dead letters; by tenth ${round.ratesByTenth.join(' ')}`,
  )
}

function save(): void {
  const all = rounds.map(figures)
  const file = saveRun({
    bench: 'fleet',
    options,
    figures: [
      {
        name: 'CPU s per million',
        isBetter: 'lower',
        values: all.map((round) => round.cpuSecondsPerMillion),
        raw: all.map((round) => round.rawCpuSecondsPerMillion),
      },
      {
        name: 'records/s',
        isBetter: 'higher',
        values: all.map((round) => round.recordsPerSecond),
        raw: all.map((round) => round.rawRecordsPerSecond),
      },
      { name: 'MB resident', isBetter: 'lower', values: all.map((round) => round.residentMb) },
    ],
  })
  console.log(`written to ${file}`)
}
