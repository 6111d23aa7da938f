import { describe, expect, test } from '@jest/globals'
import { inputTopicOf } from '../../../bench/peers/inputs.ts'
import { type Job, jobs, variantsOf } from '../../../bench/peers/jobs.ts'
import {
  fleetLog,
  generateLogs,
  hostRows,
  type Log,
  serviceRows,
  type TableRow,
  tableTimeMs,
} from '../../../bench/peers/logs.ts'
import { json, StreamsBuilder, string } from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'

const logs = [...generateLogs(300)]
const texts = { key: string(), value: string() }

interface JobRun {
  readonly outputs: readonly string[]
  readonly seen: number
}

/** What a variant of a job writes, with how often it told of a log. */
async function run(job: Job, variant: string): Promise<JobRun> {
  let seen = 0
  const builder = new StreamsBuilder()
  variantsOf[job][variant]?.(builder, 'app-out', () => {
    seen++
  })
  const topology = builder.build()
  const driver = new TopologyTestDriver(topology)
  const fill = (topic: string, rows: readonly TableRow[]): void => {
    if (![...topology.nodes.values()].some((node) => node.kind === 'source' && String(node.topics) === topic)) return
    const input = driver.createInputTopic(topic, { key: string(), value: json() })
    for (const { key, value } of rows) input.pipeInput(key, value, tableTimeMs)
  }
  fill('hosts', hostRows())
  fill('services', serviceRows())
  const input = driver.createInputTopic(inputTopicOf(job), { key: string(), value: json() })
  for (const { key, timestamp, log } of logs) input.pipeInput(key, job === 'E' ? fleetLog(log) : log, timestamp)
  const outputs = driver.createOutputTopic('app-out', texts).readKeyValuesToList()
  await driver.close()
  return { outputs: outputs.map(([key, value]) => `${key} ${value}`), seen }
}

async function valuesOf(job: Job, variant: string): Promise<readonly (Partial<Log> & Record<string, unknown>)[]> {
  const { outputs } = await run(job, variant)
  return outputs.map((output) => JSON.parse(output.slice(output.indexOf(' ') + 1)))
}

describe('the jobs of the peers bench', () => {
  test.each(jobs)('job %s writes the same in all variants, and tells of each log', async (job) => {
    const runs = Object.keys(variantsOf[job]).map((variant) => run(job, variant))
    const [first, ...others] = await Promise.all(runs)
    expect(first?.outputs.length).toBeGreaterThan(0)
    for (const { outputs } of others) expect(outputs).toEqual(first?.outputs)
    expect(first?.seen).toBe(logs.length)
  })

  test('the logs have some that come again within a minute, and some 14 minutes later', () => {
    const first = new Map<string, number>()
    const waitsMs: number[] = []
    for (const { timestamp, log } of logs) {
      const before = first.get(log.correlationId)
      if (before === undefined) first.set(log.correlationId, timestamp)
      else waitsMs.push(timestamp - before)
    }
    expect(waitsMs.filter((waitMs) => waitMs < 60_000).length).toBeGreaterThan(5)
    expect(waitsMs.filter((waitMs) => waitMs > 14 * 60_000).length).toBeGreaterThan(0)
    expect(waitsMs.every((waitMs) => waitMs < 60_000 || waitMs > 14 * 60_000)).toBe(true)
  })

  test('C drops what comes again within 10 minutes, and no other log', async () => {
    const passed = (await valuesOf('C', 'view')).map(({ correlationId }) => correlationId)
    const twice = passed.filter((id, index) => passed.indexOf(id) !== index)
    expect(new Set(passed)).toEqual(new Set(logs.map(({ log }) => log.correlationId)))
    expect(twice).toHaveLength(1)
  })

  test('D adds what the tables know', async () => {
    const [log] = await valuesOf('D', 'view')
    expect(log).toMatchObject({ datacenter: expect.stringMatching(/^dc-/), owner: expect.stringMatching(/^team-/) })
  })

  test('E writes documents, and what closed windows counted', async () => {
    const values = await valuesOf('E', 'plain')
    expect(values.some((value) => value.owner !== undefined && value.dataClass === 'confidential')).toBe(true)
    expect(values.some((value) => value.durationP95Ms !== undefined)).toBe(true)
    expect(values.some((value) => value.startMs !== undefined && value.total === undefined)).toBe(true)
  })
})
