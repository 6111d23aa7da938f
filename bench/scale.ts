import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { partitionOfKey } from '../src/index.ts'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { goalLine, rounded } from './goal.ts'
import { median } from './median.ts'
import { measuredRun, type RunCost } from './peers/measured-run.ts'
import { jobArguments, jobProgram, type Program } from './peers/job-program.ts'
import { type Load, assumptions, costsBySize, forecast } from './scale/model.ts'
import { base, inputOf, type Point, pointName, pointsOf } from './scale/point.ts'
import { type SavedFigure, saveRun } from './saved-run.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- scale')
  .description(
    'How the cost of a record grows with threads, keys, partitions and size, and what that says of 50 instances.',
  )
  .option('--records <count>', 'of each case, at most --megabytes', wholeNumber(1000), 2_000_000)
  .option('--megabytes <count>', 'of each case at most', wholeNumber(1), 2000)
  .option('--threads <counts>', 'worker threads where there are more than one', '1,2')
  .option('--keys <counts>', 'in a store on disk', '1000,10000,100000,1000000')
  .option('--partitions <counts>', 'of the input and the output', '6,60,600')
  .option('--bytes <counts>', 'of a record', '100,300,1000,10000,100000')
  .option('--rounds <count>', 'the table has medians', wholeNumber(1), 3)
  .option('--save', 'write bench/results')
  .parse()
  .opts<{
    records: number
    megabytes: number
    threads: string
    keys: string
    partitions: string
    bytes: string
    rounds: number
    save?: true
  }>()

const { rounds } = options
const numbers = (text: string): readonly number[] => text.split(',').map(Number)
const points = pointsOf({
  threads: numbers(options.threads),
  keys: numbers(options.keys),
  partitions: numbers(options.partitions),
  bytes: numbers(options.bytes),
})
const recordsOf = ({ bytes }: Point): number => Math.min(options.records, Math.ceil((options.megabytes * 1e6) / bytes))

const folder = mkdtempSync(join(tmpdir(), 'millrace-scale-'))
const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)
const admin = client.driver.admin()
let runs = 0

async function createTopic(name: string, partitions: number): Promise<void> {
  await admin.createTopics([{ name, partitions, replicationFactor: 1, configs: {} }], 60_000)
}

/** JSON whose text does not compress to nothing. */
function valueOf(bytes: number): Buffer {
  let state = 7
  const letters = Array.from({ length: Math.max(1, bytes - 25) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return String.fromCharCode(97 + ((state >>> 16) % 26))
  })
  return Buffer.from(JSON.stringify({ level: 'INFO', text: letters.join('') }))
}

async function fill(point: Point): Promise<void> {
  const topic = inputOf(point)
  await createTopic(topic, point.partitions)
  const producer = await client.producer([topic], {
    lingerMs: 100,
    idleLingerMs: 100,
    bufferedBytesMax: 32 * 1024 * 1024,
  })
  const value = valueOf(point.bytes)
  for (let index = 0; index < recordsOf(point); index++) {
    if (producer.isFull) await producer.drained()
    const key = Buffer.from(`key-${(Math.imul(index, 0x9e3779b1) >>> 0) % point.keys}`)
    producer.send(topic, partitionOfKey(key, point.partitions), key, value, Date.now(), [])
  }
  await producer.flush(300_000)
  await producer.close(10_000)
}

async function run(point: Point, { program, args }: Program, variant: string): Promise<RunCost> {
  const [application, input] = [`scale-${++runs}`, inputOf(point)]
  const state = join(folder, application)
  mkdirSync(state)
  await createTopic(`${application}-out`, point.partitions)
  const own = jobArguments({
    bootstrap: kafka.bootstrap,
    application,
    state,
    input,
    variant,
    threads: point.threads,
    commitMs: 1000,
  })
  const environment = { SCALE_JOB: point.job, SCALE_INPUT: input, SCALE_OUTPUT: `${application}-out` }
  const watched = { admin, application, input, logs: recordsOf(point), brokerPid: kafka.pidOf(1), environment }
  const cost = await measuredRun({ program, args: [...args, ...own] }, watched)
  rmSync(state, { recursive: true })
  return cost
}

const ours: Program = {
  program: process.execPath,
  args: ['--enable-source-maps', join(import.meta.dirname, 'scale', 'process.js')],
}

function printForecast(cpuUs: (point: Point) => number, costs: ReadonlyMap<string, readonly RunCost[]>): void {
  const bySize = points.filter((point) => point.job === 'copy' && point.partitions === base.partitions)
  const lines = costsBySize(bySize.map((point) => ({ bytes: point.bytes, us: cpuUs(point) })))
  const broker = median((costs.get(pointName(base)) ?? []).map((cost) => cost.brokerCpuSecondsPerMillion))
  const rate = (threads: number): number =>
    median((costs.get(pointName({ ...base, job: 'parse', threads })) ?? []).map((cost) => cost.recordsPerSecond))
  const rows = points.filter(({ job }) => job === 'count').map(cpuUs)
  const measured = {
    ...lines,
    usOfRow: Math.max(0, Math.max(...rows) - cpuUs(base)),
    brokerUsOfRecord: broker,
    ofTwoThreads: rate(2) / rate(1),
  }
  console.log(
    `\nmeasured: ${rounded(measured.usOfRecord)} µs a record and ${rounded(measured.usOfByte * 1000)} ns a byte, ` +
      `${rounded(measured.usOfRow)} µs a row with the most keys, ${rounded(broker)} µs of the broker`,
  )
  const load: Load = { instances: 50, recordsPerSecond: 1_000_000, recordBytes: 320, replicas: 3 }
  const { coresOfInstance, brokerCores, ...most } = forecast(measured, load)
  console.log(
    `${load.instances} instances, ${rounded(load.recordsPerSecond)} records/s of ${load.recordBytes} bytes ` +
      `(${rounded(most.megabytesPerSecond)} MB/s): ${rounded(most.recordsPerSecondOfInstance)} records/s and ` +
      `${rounded(coresOfInstance)} cores each, ${rounded(brokerCores)} cores of brokers with ${load.replicas} replicas`,
  )
  console.log(
    `at most ${rounded(most.mostOfOneThread)} records/s for an instance with one thread, ` +
      `${rounded(most.mostOfTwoThreads)} with two`,
  )
  for (const assumption of assumptions) console.log(`- ${assumption}`)
  console.log(goalLine({ about: 'two threads, of one', least: 1.5 }, measured.ofTwoThreads))
  console.log(goalLine({ about: 'cores of one instance of 50', most: 1 }, coresOfInstance))
  const keys = (count: number): number => cpuUs({ ...base, job: 'count', keys: count })
  console.log(goalLine({ about: 'CPU with 100,000 keys, of that with 1,000', most: 2 }, keys(100_000) / keys(1000)))
}

try {
  const filled = new Set<string>()
  for (const point of points) {
    if (filled.has(inputOf(point))) continue
    filled.add(inputOf(point))
    await fill(point)
  }
  const costs = new Map<string, RunCost[]>(points.map((point) => [pointName(point), []]))
  const raw: number[] = []
  for (let round = 0; round < rounds; round++) {
    raw.push((await run(base, await jobProgram('raw'), 'parse')).cpuSecondsPerMillion)
    for (const point of points) costs.get(pointName(point))?.push(await run(point, ours, ''))
  }
  const cpuUs = (point: Point): number =>
    median((costs.get(pointName(point)) ?? []).map((cost) => cost.cpuSecondsPerMillion))
  console.log(`${options.records} records of each case at most; load ${loadavg()[0]?.toFixed(1)}`)
  console.log('\n| | records/s | CPU s per million | of the broker | MB |\n|---|---|---|---|---|')
  const figures: SavedFigure[] = []
  for (const point of points) {
    const of = costs.get(pointName(point)) ?? []
    const cells = (
      ['recordsPerSecond', 'cpuSecondsPerMillion', 'brokerCpuSecondsPerMillion', 'residentMegabytesMax'] as const
    ).map((figure) => rounded(median(of.map((cost) => cost[figure]))))
    console.log(`| ${[pointName(point), ...cells].join(' | ')} |`)
    const values = of.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion)
    figures.push({ name: pointName(point), isBetter: 'lower', values, raw })
  }
  console.log(`the raw program that parses each record: ${rounded(median(raw))} CPU s per million`)
  printForecast(cpuUs, costs)
  if (options.save) console.log(`\nwritten to ${saveRun({ bench: 'scale', options, figures })}`)
} finally {
  await admin.close()
  await client.close()
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
