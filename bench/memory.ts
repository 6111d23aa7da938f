import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { startKafka } from '../test/support/kafka-cluster.ts'
import { WireClient } from '../test/support/wire-client.ts'
import { goalLine } from './goal.ts'
import { createTopics, fillInputs, inputTopicOf } from './peers/inputs.ts'
import { jobArguments, jobProgram } from './peers/job-program.ts'
import type { Job } from './peers/jobs.ts'
import { generateLogs } from './peers/logs.ts'
import { measuredRun } from './peers/measured-run.ts'
import { MemoryWatch } from './process-memory.ts'
import { type SavedFigure, saveRun } from './saved-run.ts'
import { wholeNumber } from './whole-number.ts'

const goalMb = 400

const options = new Command('npm run bench -- memory')
  .description('Resident memory of a process that reads a backlog, without and with the pages of its stores.')
  .option('--backlog-megabytes <count>', 'of JSON logs that wait, before compression', wholeNumber(1), 2000)
  .option('--jobs <names>', 'of the jobs of peers', 'A,B,E')
  .option('--save', 'write bench/results')
  .parse()
  .opts<{ backlogMegabytes: number; jobs: string; save?: true }>()

const jobs = options.jobs.split(',') as Job[]
/** As each job is advised to be run. */
const variant = (job: Job): string => (job === 'E' ? 'redacted' : 'view')
const sample = [...generateLogs(1000)].map(({ log }) => JSON.stringify(log).length)
const logBytes = sample.reduce((sum, length) => sum + length, 0) / sample.length
const logs = Math.ceil((options.backlogMegabytes * 1e6) / logBytes)

const folder = mkdtempSync(join(tmpdir(), 'millrace-memory-'))
const kafka = await startKafka({ fullSpeed: true })
const client = new WireClient(kafka.bootstrap)
const admin = client.driver.admin()
const figures: SavedFigure[] = []

async function measure(job: Job): Promise<void> {
  const application = `memory-${job}`
  const state = join(folder, application)
  mkdirSync(state)
  await createTopics(client, [`${application}-out`])
  const { program, args } = await jobProgram('millrace')
  const input = inputTopicOf(job)
  const own = jobArguments({
    bootstrap: kafka.bootstrap,
    application,
    state,
    job,
    input,
    variant: variant(job),
    guarantee: 'at-least-once',
    commitMs: 1000,
    threads: 1,
  })
  let watch: MemoryWatch | undefined
  const started = (pid: number): void => {
    watch = new MemoryWatch(pid)
  }
  const watched = { admin, application, input, logs, brokerPid: kafka.pidOf(1), started }
  const cost = await measuredRun({ program, args: [...args, ...own] }, watched)
  watch?.stop()
  const [ownMb, storesMb] = [watch?.ownMbMax ?? Number.NaN, watch?.storesMbMax ?? Number.NaN]
  console.log(
    `job ${job}, ${logs} logs of ${logBytes.toFixed(0)} bytes: ${ownMb.toFixed(0)} MB and ${storesMb.toFixed(0)} MB of stores at most, ` +
      `${Math.round(cost.recordsPerSecond)} records/s; load ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(goalLine({ about: `job ${job}, resident memory without stores`, most: goalMb, unit: ' MB' }, ownMb))
  figures.push(
    { name: `${job}: MB without stores`, isBetter: 'lower', values: [ownMb] },
    { name: `${job}: MB of stores`, isBetter: 'lower', values: [storesMb] },
  )
  rmSync(state, { recursive: true })
}

try {
  await fillInputs(client, jobs, logs)
  for (const job of jobs) await measure(job)
  if (options.save) console.log(`\nwritten to ${saveRun({ bench: 'memory', options, figures })}`)
} finally {
  await admin.close()
  await client.close()
  await kafka.stop()
  rmSync(folder, { recursive: true, force: true })
}
