import { afterEach, describe, expect, test } from '@jest/globals'
import { kindTopology } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import { bytes, json, StreamsBuilder, string } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { MockProcessorContext, TopologyTestDriver } from '../../../src/testing/index.ts'
import { FeatureGatherer } from '../../../topologies/features/feature-gatherer.ts'
import type { FeatureRecord } from '../../../topologies/features/feature-record.ts'
import { features } from '../../../topologies/features/features.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'
import { templates } from '../../../topologies/templates.ts'
import { plainLogMaker, plainLogs } from '../../support/plain-logs.ts'
import { restartedOutputs } from '../properties/restartable-task.ts'

const nowMs = Date.UTC(2026, 10, 24, 8)
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

function start(kind: 'application' | 'audit', isEnabled = true) {
  const topology = kindTopology(kind, {
    sinks: ['documents'],
    pipeline: pipeline({ name: kind }),
    policy: defaultInputPolicy,
    templates: true,
    features: isEnabled,
    avro: undefined,
    geo: undefined,
    pace: 'demonstration',
  })
  const driver = new TopologyTestDriver(topology.build(), { startMs: nowMs })
  drivers.push(driver)
  const input = driver.createInputTopic(topics[kind].name, { key: string(), value: bytes() })
  const output = driver.createOutputTopic(topics.features.name, { key: string(), value: json<FeatureRecord>() })
  return {
    driver,
    pipe: (atMs: number, log: object) => {
      const whole = { timestamp: nowMs + atMs, level: 'info', service: 'shop', component: 'api', ...log }
      input.pipeInput('key', Buffer.from(JSON.stringify(whole)), nowMs + atMs)
    },
    records: () => output.readRecordsToList().map(({ key, value }) => ({ key, value })),
  }
}

describe('features of a worker of the fleet', () => {
  test('are written once for each service, component and window that has ended', () => {
    const fleet = start('application')
    fleet.pipe(0, { message: 'payment 1 was taken', durationMs: 100, level: 'error' })
    fleet.pipe(1000, { message: 'payment 2 was taken', durationMs: 100 })
    fleet.pipe(2000, { message: 'no room in the cache of ann', component: 'cache', durationMs: 7 })
    fleet.pipe(3000, { message: 'hello', service: 'mail', component: undefined })
    fleet.pipe(20_000, { message: 'later' })
    fleet.pipe(40_000, { message: 'later' })
    const first = fleet.records().filter(({ value }) => value?.startMs === nowMs)
    const latency = {
      count: expect.any(Number),
      p50: expect.any(Number),
      p95: expect.any(Number),
      p99: expect.any(Number),
    }
    const window = { startMs: nowMs, endMs: nowMs + 5000, kind: 'application' }
    expect(first).toEqual([
      {
        key: 'mail',
        value: {
          ...window,
          service: 'mail',
          count: 1,
          errorCount: 0,
          errorShare: 0,
          templates: 1,
          newTemplates: 1,
          entropyBits: 0,
        },
      },
      {
        key: 'shop',
        value: {
          ...window,
          service: 'shop',
          count: 3,
          errorCount: 1,
          errorShare: 1 / 3,
          latency,
          templates: 2,
          newTemplates: 2,
          entropyBits: expect.closeTo(0.918, 3),
          correlations: [],
        },
      },
      {
        key: 'shop',
        value: {
          ...window,
          service: 'shop',
          component: 'api',
          count: 2,
          errorCount: 1,
          errorShare: 0.5,
          latency,
          templates: 1,
          newTemplates: 1,
          entropyBits: 0,
        },
      },
      {
        key: 'shop',
        value: {
          ...window,
          service: 'shop',
          component: 'cache',
          count: 1,
          errorCount: 0,
          errorShare: 0,
          latency,
          templates: 1,
          newTemplates: 1,
          entropyBits: 0,
        },
      },
    ])
    expect(first[1]?.value?.latency?.p50).toBeCloseTo(100, -0.5)
  })

  test('are written without later logs, when all is read', () => {
    const fleet = start('application')
    fleet.pipe(0, { message: 'one' })
    expect(fleet.records()).toEqual([])
    fleet.driver.advanceWallClock(30_000)
    expect(fleet.records().map(({ value }) => [value?.component, value?.count])).toEqual([
      [undefined, 1],
      ['api', 1],
    ])
  })

  test.each([
    ['of audit logs', 'audit', true],
    ['where they are not asked for', 'application', false],
  ] as const)('are not made %s', (_, kind, isEnabled) => {
    const fleet = start(kind, isEnabled)
    fleet.pipe(0, { message: 'one' })
    expect(fleet.records).toThrow('writes to no topic logs.features')
  })
})

describe('a worker that takes over the task', () => {
  const topology = () => {
    const builder = new StreamsBuilder()
    features(templates(plainLogs(builder)), { windowMs: 1000, graceMs: 300, featuresTopic: 'out', kind: 'test' })
    return builder.build()
  }
  const events = Array.from({ length: 75 }, (_, index) => {
    // Every seventh log is older than the others, some of them too old.
    const timestamp = 1000 + index * 170 - (index % 7 === 0 ? 150 * (index % 5) * 3 : 0)
    const [component, other] = index % 3 === 0 ? ['api', 'cache'] : ['db', 'queue']
    const service = index % 10 === 0 ? 'mail' : 'shop'
    const level = index % 4 === 0 ? 'error' : 'info'
    const log = {
      timestamp,
      level,
      service,
      component: index % 2 === 0 ? component : other,
      message: `${component} took ${index}`,
      durationMs: index,
    }
    return { topic: 'logs', key: 'k', value: JSON.stringify(log), timestamp: Math.max(0, timestamp) }
  })

  async function outputs(restartsAt: (index: number) => boolean): Promise<readonly string[]> {
    const options = { topology: topology(), settings: { keepStreamTime: true }, newFolder: undefined }
    return (await restartedOutputs(options, events, restartsAt)).flat()
  }

  test('writes the same features and correlations, wherever it begins', async () => {
    const whole = await outputs(() => false)
    expect(whole.length).toBeGreaterThan(40)
    expect(whole.some((line) => line.includes('"windows":'))).toBe(true)
    expect(await outputs((index) => index % 2 === 1)).toEqual(whole)
    for (let cut = 1; cut < events.length; cut += 25) expect(await outputs((index) => index === cut)).toEqual(whole)
  })
})

describe('sums', () => {
  const plainLog = plainLogMaker()
  const logOf = (timestamp: number, service: string) => plainLog({ timestamp, service, message: 'm' })

  function gathered() {
    const context = new MockProcessorContext<string, unknown>()
    const gatherer = new FeatureGatherer({ windowMs: 1000, graceMs: 3000 })
    gatherer.init(context)
    const add = (timestamp: number, service = 'shop') =>
      gatherer.process({ key: 'k', value: logOf(timestamp, service), timestamp, headers: [] })
    return {
      gatherer,
      add,
      counts: () => context.forwarded.map(({ record }) => (record.value as { count: number }).count),
    }
  }

  test('are forwarded after a while, and before a commit', () => {
    const { gatherer, add, counts } = gathered()
    for (const timestamp of [0, 500, 1500]) add(timestamp)
    expect(counts()).toEqual([2])
    gatherer.beforeCommit()
    gatherer.beforeCommit()
    expect(counts()).toEqual([2, 1])
  })

  test('are bounded, and nothing is lost', () => {
    const { gatherer, add, counts } = gathered()
    for (let index = 0; index < 5000; index++) add(0, `service-${index}`)
    expect(counts().length).toBe(4000)
    gatherer.beforeCommit()
    expect(counts().length).toBe(5000)
  })

  test('leave out logs that are later than the grace', () => {
    const { gatherer, add, counts } = gathered()
    add(10_000)
    add(7000)
    add(6999)
    gatherer.beforeCommit()
    expect(counts()).toEqual([1, 1])
  })
})
