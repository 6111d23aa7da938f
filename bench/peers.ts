import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { kafkaVersion } from '../scripts/kafka/install.mjs'
import { kafkaStreamsVersion } from '../scripts/kafka-streams/peer.mjs'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { rdkafkaUnavailable } from '../test/support/rdkafka.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { rounded } from './goal.ts'
import { peerGoalLines } from './peers/goals.ts'
import { createTopics, fillInputs, inputTopicOf } from './peers/inputs.ts'
import { jobArguments, jobProgram } from './peers/job-program.ts'
import { type Job, jobs as allJobs } from './peers/jobs.ts'
import { measuredRun, type RunCost } from './peers/measured-run.ts'
import { type OutputSum, outputSum } from './peers/output-sum.ts'
import { type Peer, peersOf } from './peers/peer.ts'
import { peerFigures, peerTable } from './peers/peer-table.ts'
import { Rounds } from './peers/rounds.ts'
import { type SavedFigure, saveRun } from './saved-run.ts'
import { wholeNumber } from './whole-number.ts'

const options = new Command('npm run bench -- peers')
  .description(
    'Whole jobs over a real broker, program after program in each round: Kafka Streams, millrace, a raw program, other clients.',
  )
  .option('--jobs <names>', `of ${allJobs.join(', ')}`, allJobs.join(','))
  .option('--logs <count>', 'in 6 partitions', wholeNumber(1000), 8_000_000)
  .option('--rounds <count>', 'the table has medians of their ratios', wholeNumber(1), 3)
  .option('--only <names>', 'of the programs, such as "millrace json,java"')
  .option('--commit-ms <ms>', 'commit interval at least once; exactly once it is 100', wholeNumber(1), 1000)
  .option('--threads <count>', 'of millrace and Java', wholeNumber(1), 1)
  .option('--save', 'write bench/results')
  .option('--profile [folder]', 'write a CPU profile of each run of millrace there (default .millrace/profiles)')
  .parse()
  .opts<{
    jobs: string
    logs: number
    rounds: number
    only?: string
    commitMs: number
    threads: number
    save?: true
    profile?: string | true
  }>()

const { logs } = options
const jobs = options.jobs.split(',') as Job[]
const unknown = jobs.filter((job) => !allJobs.includes(job))
if (unknown.length > 0) throw new Error(`there is no job ${unknown.join(', ')}: use ${allJobs.join(', ')}`)
const only = options.only?.split(',')
const profile = options.profile === true ? '.millrace/profiles' : options.profile
const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]
const folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'))
const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)
const admin = client.driver.admin()
let runs = 0

async function runOnce(job: Job, peer: Peer): Promise<{ readonly cost: RunCost; readonly output: OutputSum }> {
  const application = `peers-${++runs}`
  const state = join(folder, application)
  mkdirSync(state)
  await createTopics(client, [`${application}-out`])
  const { program, args } = await jobProgram(peer.engine, nodeOptions)
  const input = inputTopicOf(job)
  const own = jobArguments({
    bootstrap: kafka.bootstrap,
    application,
    state,
    job,
    input,
    variant: peer.variant,
    guarantee: peer.guarantee,
    commitMs: peer.guarantee === 'at-least-once' ? options.commitMs : 100,
    threads: options.threads,
  })
  const watched = { admin, application, input, logs, brokerPid: kafka.pidOf(1) }
  const cost = await measuredRun({ program, args: [...args, ...own] }, watched)
  const output = await outputSum(client, `${application}-out`, job === 'B')
  rmSync(state, { recursive: true })
  return { cost, output }
}

function isRun({ name, engine }: Peer): boolean {
  if (only !== undefined && !only.includes(name)) return false
  const reason = engine === 'rdkafka' ? rdkafkaUnavailable() : undefined
  if (reason !== undefined) console.error(`${name} does not run: ${reason}`)
  return reason === undefined
}

async function measure(job: Job): Promise<readonly SavedFigure[]> {
  const peers = peersOf[job].filter(isRun)
  const rounds = new Rounds()
  let expected: OutputSum | undefined
  for (let round = 0; round < options.rounds; round++) {
    for (const peer of peers) {
      const { cost, output } = await runOnce(job, peer)
      if (!peer.isYardstick) {
        expected ??= output
        if (output.sum !== expected.sum || output.records !== expected.records)
          throw new Error(
            `${job}, ${peer.name}: the output is ${show(output)}, that of the first program ${show(expected)}`,
          )
      }
      rounds.add(peer.name, cost)
      const load = (loadavg()[0] as number).toFixed(1)
      console.error(`${job}, round ${round + 1}, ${peer.name}: ${show(cost)}, load ${load}`)
    }
  }
  console.log(`\n${peerTable(job, peers, rounds)}\n`)
  if (expected !== undefined) console.log(`outputs: ${show(expected)}, equal in all runs that do the whole job`)
  for (const line of peerGoalLines(job, rounds)) console.log(line)
  return peerFigures(job, peers, rounds)
}

function show(values: object): string {
  const texts = Object.entries(values).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? rounded(value) : value}`,
  )
  return texts.join(', ')
}

try {
  await fillInputs(client, jobs, logs)
  const figures: SavedFigure[] = []
  for (const job of jobs) figures.push(...(await measure(job)))
  if (options.save) {
    const versions = { kafka: kafkaVersion, 'kafka-streams': kafkaStreamsVersion }
    console.log(`\nwritten to ${saveRun({ bench: 'peers', options, figures }, versions)}`)
  }
} finally {
  await admin.close()
  await client.close()
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
