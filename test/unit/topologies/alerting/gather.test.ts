import { afterEach, describe, expect, test } from '@jest/globals'
import { rule, type RuleDefinition } from '../../../../src/alerts/index.ts'
import { bytes, string, StreamsBuilder, type Topology } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { gather } from '../../../../topologies/alerting/gather.ts'
import {
  isTick,
  observationPartition,
  type ObservationRecord,
  observationRecords,
} from '../../../../topologies/alerting/observation-record.ts'
import { defaultInputPolicy } from '../../../../topologies/input-policy.ts'
import { plainLogs } from '../../../support/plain-logs.ts'
import { BlockingSink } from '../../runtime/blocking-sink.ts'

const startMs = Date.UTC(2026, 10, 24, 8)
const dayMs = 86_400_000
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

const errors: RuleDefinition = {
  name: 'errors',
  kind: 'ratio',
  groupBy: ['service'],
  bad: "level == 'error'",
  window: '1m',
  every: '10s',
  fire: '> 20 %',
}
const all: RuleDefinition = { name: 'no-logs', kind: 'absence', window: '1m' }

function topologyOf(definitions: readonly RuleDefinition[], sinks: readonly string[] = []): Topology {
  const builder = new StreamsBuilder()
  const policy = {
    ...defaultInputPolicy,
    backfill: { fromMs: Date.UTC(2019, 0, 1), toMs: Date.UTC(2020, 0, 1) },
  }
  const logs = plainLogs(builder, policy)
  for (const sink of sinks) logs.toSink(sink, { name: `to-${sink}` })
  gather(logs, {
    rules: definitions.map(rule),
    inputTopic: 'logs',
    observationsTopic: 'observations',
    eventAgeMaxMs: policy.eventAgeMaxMs,
  })
  return builder.build()
}

function worker(definitions: readonly RuleDefinition[]) {
  const driver = new TopologyTestDriver(topologyOf(definitions), { startMs })
  drivers.push(driver)
  const output = driver.createOutputTopic('observations', { key: string(), value: observationRecords })
  const topic = driver.createInputTopic('logs', { key: string(), value: bytes() })
  return {
    driver,
    log: (fields: Record<string, unknown>, atMs = startMs) => {
      const log = { timestamp: atMs, level: 'info', service: 'shop', message: 'fine', ...fields }
      topic.pipeInput('key', Buffer.from(JSON.stringify(log)), startMs)
    },
    records: () => output.readRecordsToList().map(({ key, value }) => [key, value] as const),
  }
}

describe('a log', () => {
  test('is summed up by group and bucket, with a line that shows a bad one, and a tick follows', () => {
    const { log, records } = worker([errors])
    log({ level: 'error', message: 'no stock for a@b.co' }, startMs + 12_000)
    const sample = expect.stringContaining('no stock for [redacted:email]')
    expect(records()).toEqual([
      [
        'service="shop"',
        {
          source: 'logs/0',
          reachedMs: startMs,
          group: ['shop'],
          rules: { errors: [{ timeMs: startMs, count: 1, bad: 1, sample }] },
        },
      ],
      ['logs/0', { source: 'logs/0', reachedMs: startMs, isIdle: false }],
    ])
  })

  test('of no group is only a tick', () => {
    const { log, records } = worker([{ ...errors, groupBy: ['no.such.field'] }])
    log({})
    expect(records()).toEqual([['logs/0', { source: 'logs/0', reachedMs: startMs, isIdle: false }]])
  })

  test('that is loaded from history years later concerns no rule, is counted, and does not move time back', () => {
    const { driver, log, records } = worker([errors])
    log({}, Date.UTC(2019, 3, 1))
    expect(records()).toEqual([['logs/0', { source: 'logs/0', reachedMs: startMs - 300_000, isIdle: false }]])
    expect(driver.metrics().counters).toContainEqual(
      expect.objectContaining({ name: 'alert_logs_of_history', value: 1 }),
    )
  })

  test('of yesterday that comes late is gathered', () => {
    const { log, records } = worker([errors])
    log({}, startMs - dayMs)
    expect(records()).toHaveLength(2)
  })
})

describe('a source', () => {
  test('whose clock is behind by hours does not hold back the time of all others', () => {
    const { log, records } = worker([errors])
    log({}, startMs - 2 * 3_600_000)
    expect(records().at(-1)).toEqual(['logs/0', { source: 'logs/0', reachedMs: startMs - 300_000, isIdle: false }])
  })

  test('without logs is idle after ten seconds, and says every ten seconds that nothing has come until then', () => {
    const { driver, log, records } = worker([errors])
    log({})
    records()
    for (let second = 0; second < 30; second++) driver.advanceWallClock(1000)
    const idle = (second: number) => ['logs/0', { source: 'logs/0', reachedMs: startMs + second * 1000, isIdle: true }]
    expect(records()).toEqual([idle(10), idle(20), idle(30)])
  })

  test('that is idle takes off what its logs were late by: the next ones will be too', () => {
    const { driver, log, records } = worker([errors])
    log({}, startMs - 4000)
    for (let second = 0; second < 10; second++) driver.advanceWallClock(1000)
    expect(records().at(-1)).toEqual(['logs/0', { source: 'logs/0', reachedMs: startMs + 6000, isIdle: true }])
  })

  test('is not idle when its process did not run for a while: it does not know what has come since', () => {
    const { driver, log, records } = worker([errors])
    log({})
    driver.advanceWallClock(3_600_000)
    expect(records().at(-1)).toEqual(['logs/0', { source: 'logs/0', reachedMs: startMs, isIdle: false }])
    for (let second = 0; second < 10; second++) driver.advanceWallClock(1000)
    expect(records().at(-1)).toEqual(['logs/0', { source: 'logs/0', reachedMs: startMs + 3_610_000, isIdle: true }])
  })

  test('whose logs wait for a sink is not idle, however long', async () => {
    const world = new SimulatedWorld()
    world.createTopics({ logs: 1, observations: 1 })
    world.isWatched = false
    const sink = Object.assign(new BlockingSink(1), { isBlocked: true })
    const sinks = [{ name: 'store', create: () => sink }]
    const application = world.application(topologyOf([errors], ['store']), {}, { sinks })
    await world.finish(application.start())
    const timestamp = world.clock.nowMs()
    for (const message of ['one', 'two', 'three']) {
      world.write('logs', [['key', JSON.stringify({ timestamp, level: 'info', service: 'shop', message }), timestamp]])
    }
    await world.until(() => sink.isFull)
    for (let step = 0; step < 120; step++) await world.run(500)
    const ticks = world
      .read('observations')
      .map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as ObservationRecord)
      .flatMap((record) => (isTick(record) ? [record.isIdle] : []))
    expect(ticks.length).toBeGreaterThan(4)
    expect(ticks).not.toContain(true)
    sink.isBlocked = false
    await world.finish(application.close())
  })
})

describe('goes to', () => {
  const observations = { source: 'logs/0', reachedMs: startMs, group: [], rules: {} }

  test('the partition of its key, an observation of a group', () => {
    expect(observationPartition('observations', 'service="shop"', observations, 3)).toBeUndefined()
  })

  test('the partition 0, an observation without group', () => {
    const { log, records } = worker([all])
    log({})
    const [[key, value] = [null, null]] = records()
    expect(observationPartition('observations', key as string, value as ObservationRecord, 3)).toBe(0)
  })

  test('every partition, a tick', () => {
    const tick = { source: 'logs/0', reachedMs: null, isIdle: true }
    expect(observationPartition('observations', 'logs/0', tick, 3)).toEqual([0, 1, 2])
  })
})
