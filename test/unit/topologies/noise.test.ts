import { afterEach, describe, expect, test } from '@jest/globals'
import { kindTopology, type WorkerKind } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { bytes, json, minutes, seconds, StreamsBuilder, string } from '../../../src/index.ts'
import { createRedactor, pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import type { EnrichedLog } from '../../../topologies/enriched-log.ts'
import type { RateReport } from '../../../topologies/error-rate.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'
import { noise } from '../../../topologies/noise.ts'
import { templates } from '../../../topologies/templates.ts'
import { plainLogMaker } from '../../support/plain-logs.ts'
import { restartedOutputs } from '../properties/restartable-task.ts'

const startMs = Date.UTC(2026, 10, 24, 8)
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

class Worker {
  readonly driver: TopologyTestDriver

  readonly #topic: string

  constructor(linesPerMinute: number | undefined, kind: WorkerKind = 'application') {
    this.#topic = topics[kind].name
    const topology = kindTopology(kind, {
      sinks: ['documents'],
      pipeline: pipeline({ name: 'application' }),
      policy: defaultInputPolicy,
      linesPerMinute,
      avro: undefined,
      geo: undefined,
      pace: 'demonstration',
    })
    this.driver = new TopologyTestDriver(topology.build(), { startMs })
    drivers.push(this.driver)
  }

  pipe(message: string, afterMs: number, level = 'info'): void {
    const input = this.driver.createInputTopic(this.#topic, { key: string(), value: bytes() })
    const timestamp = startMs + afterMs
    const log = { timestamp, level, service: 'shop', message }
    input.pipeInput('web-1', Buffer.from(JSON.stringify(log)), timestamp)
  }

  messages(): readonly unknown[] {
    return this.documents().map(({ message }) => message)
  }

  documents(): readonly Record<string, unknown>[] {
    const records = this.driver.sinkRecords('documents')
    return records.map(({ value }) => JSON.parse((value as EnrichedLog).toText()) as Record<string, unknown>)
  }
}

const three = [1, 2, 3]

describe('lines that repeat', () => {
  test('are left out beyond so many per minute, and summed up', () => {
    const worker = new Worker(2)
    for (let order = 1; order <= 5; order++) worker.pipe(`order ${order} was sent`, seconds(order))
    worker.pipe('another line', minutes(3))
    expect(worker.messages()).toEqual([
      'order 1 was sent',
      'order 2 was sent',
      'another line',
      '3 of 5 lines were left out: order <*> was sent',
    ])
    expect(worker.documents().at(-1)).toMatchObject({
      service: 'shop',
      level: 'info',
      timestamp: startMs + seconds(5),
      firstTimestamp: startMs + seconds(1),
      repeated: 3,
      templateText: 'order <*> was sent',
      tags: ['_noise'],
    })
  })

  test('are summed up where nothing more comes', () => {
    const worker = new Worker(1)
    for (const order of three) worker.pipe(`order ${order} was sent`, 0)
    worker.driver.advanceWallClock(minutes(1))
    expect(worker.messages()).toHaveLength(1)
    worker.driver.advanceWallClock(minutes(2))
    expect(worker.messages().slice(1)).toEqual(['2 of 3 lines were left out: order <*> was sent'])
    worker.driver.advanceWallClock(minutes(10))
    expect(worker.messages()).toHaveLength(2)
  })

  test('are all written where they are errors or audit logs, and where nobody asked', () => {
    const [some, all] = [new Worker(1), new Worker(undefined)]
    for (const order of three) some.pipe(`order ${order} failed`, 0, 'error')
    for (const order of three) all.pipe(`order ${order} was sent`, 0)
    const audit = new Worker(1, 'audit')
    for (const order of three) audit.pipe(`order ${order} was sent`, 0)
    expect([some, all, audit].map((worker) => worker.messages().length)).toEqual([3, 3, 3])
  })

  test('are all counted in rates', () => {
    const worker = new Worker(1)
    for (const order of three) worker.pipe(`order ${order} was sent`, seconds(1))
    worker.pipe('another line', minutes(3))
    const rates = worker.driver.createOutputTopic(topics.rates.name, { key: string(), value: json<RateReport>() })
    expect(rates.readValuesToList().map((report) => report?.total)).toContain(3)
    const { counters } = worker.driver.metrics()
    expect(counters).toContainEqual(expect.objectContaining({ name: 'removed:noise:shop', value: 2 }))
  })
})

describe('a worker that takes over the task', () => {
  const logOf = plainLogMaker()
  const texts = { key: string(), value: string() }
  const topology = () => {
    const builder = new StreamsBuilder()
    const logs = builder
      .stream('in', texts)
      .mapValues((order) => logOf({ timestamp: Number(order), service: 'shop', message: `order ${order} was sent` }), {
        name: 'read',
      })
    noise(templates(logs), { linesPerMinute: 2, redactor: createRedactor() })
      .mapValues(({ message }) => message, { name: 'write' })
      .to('out', texts)
    return builder.build()
  }
  const times = [1, 2, 3, 4, 61, 62, 63, 64, 180, 300].map(seconds)
  const events = times.map((time) => ({ topic: 'in', key: 'k', value: String(time), timestamp: time }))

  async function outputs(restartsAt: (index: number) => boolean): Promise<readonly string[]> {
    const options = { topology: topology(), settings: {}, newFolder: undefined }
    return (await restartedOutputs(options, events, restartsAt)).flat().sort()
  }

  test('leaves out the same lines, and sums up all of them', async () => {
    const whole = await outputs(() => false)
    expect(whole.filter((text) => text.includes('2 of 4 lines were left out'))).toHaveLength(2)
    expect(whole).toHaveLength(6 + 2)
    for (let cut = 1; cut < events.length; cut++) expect(await outputs((index) => index === cut)).toEqual(whole)
    expect(await outputs(() => true)).toEqual(whole)
  })
})
