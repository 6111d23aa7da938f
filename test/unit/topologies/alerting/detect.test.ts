import { afterEach, describe, expect, test } from '@jest/globals'
import { type AlertChange, type Observation, rule, type RuleDefinition } from '../../../../src/alerts/index.ts'
import { json, StreamsBuilder, string } from '../../../../src/index.ts'
import { TopologyTestDriver } from '../../../../src/testing/index.ts'
import { detect } from '../../../../topologies/alerting/detect.ts'
import { type ObservationRecord, observationRecords } from '../../../../topologies/alerting/observation-record.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { errors, startMs } from './alert-owners.ts'

const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

/** Nothing is closed before every source had the time to tell how far it is. */
const settleSeconds = 20

class Worker {
  readonly driver: TopologyTestDriver
  readonly logger = new RecordingLogger()

  constructor(definitions: readonly RuleDefinition[], options: { readonly statesMax?: number } = {}) {
    const builder = new StreamsBuilder()
    const topics = { observationsTopic: 'observations', changesTopic: 'changes' }
    detect(builder, { ...topics, rules: definitions.map(rule), logger: this.logger, ...options })
    this.driver = new TopologyTestDriver(builder.build(), { startMs: startMs - settleSeconds * 1000 })
    drivers.push(this.driver)
    this.waitSeconds(settleSeconds)
  }

  write(key: string, record: ObservationRecord): void {
    const input = this.driver.createInputTopic('observations', { key: string(), value: observationRecords })
    input.pipeInput(key, record, startMs)
  }

  /** Logs of a service at a second. */
  logs(second: number, count: number, { source = 'logs/0', service = 'shop', rules = ['errors'] } = {}): void {
    const observation: Observation = { timeMs: startMs + second * 1000, count, sample: 'no stock' }
    const all = Object.fromEntries(rules.map((name) => [name, [observation]]))
    this.write(`service="${service}"`, { source, reachedMs: observation.timeMs, group: [service], rules: all })
  }

  /** The source has reached a second. */
  tick(second: number | null, { source = 'logs/0', isIdle = false } = {}): void {
    this.write(source, { source, reachedMs: second === null ? null : startMs + second * 1000, isIdle })
  }

  waitSeconds(count: number): void {
    for (let second = 0; second < count; second++) this.driver.advanceWallClock(1000)
  }

  /** What has changed since the last call: status, key, and second. */
  changes(): readonly string[] {
    const output = this.driver.createOutputTopic('changes', { key: string(), value: json<AlertChange>() })
    return output
      .readRecordsToList()
      .map(({ value }) => value as AlertChange)
      .map(({ status, key, timeMs }) => `${status} ${key} ${(timeMs - startMs) / 1000}s`)
  }

  counter(name: string): number {
    return this.driver
      .metrics()
      .counters.filter((counter) => counter.name === name)
      .reduce((sum, { value }) => sum + value, 0)
  }

  states(): readonly string[] {
    const store = this.driver.getStateStore('detect-states') as unknown as { all(): Iterable<{ key: string }> }
    return [...store.all()].map(({ key }) => key)
  }
}

describe('an alert', () => {
  test('fires as soon as logs show it, and is over when all sources have passed its end', () => {
    const worker = new Worker([errors])
    worker.tick(0)
    worker.logs(12, 5)
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 10s'])
    worker.tick(99)
    expect(worker.changes()).toEqual([])
    worker.tick(111)
    expect(worker.changes()).toEqual(['resolved errors{service="shop"} 80s'])
  })

  test('adds up what several sources have seen', () => {
    const worker = new Worker([errors])
    worker.logs(12, 3, { source: 'application/0' })
    worker.logs(14, 2, { source: 'audit/1' })
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 10s'])
  })

  test('is not over while a source is behind, whose late logs still count', () => {
    const worker = new Worker([errors])
    worker.tick(0, { source: 'behind' })
    worker.logs(12, 5)
    worker.tick(600)
    worker.tick(70, { source: 'behind' })
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 10s'])
    worker.logs(75, 5, { source: 'behind' })
    worker.tick(115, { source: 'behind' })
    expect([worker.changes(), worker.counter('alert_logs_late')]).toEqual([[], 0])
  })

  test('is not ended before it began by a source that is far behind and shows an earlier one', () => {
    const worker = new Worker([errors])
    worker.tick(0, { source: 'behind' })
    worker.logs(230, 5)
    worker.tick(400)
    worker.logs(110, 5, { source: 'behind' })
    for (let second = 110; second <= 400; second += 10) worker.tick(second, { source: 'behind' })
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 230s', 'resolved errors{service="shop"} 300s'])
  })

  test('is over without further logs of a source that is idle', () => {
    const worker = new Worker([errors])
    worker.tick(0, { source: 'quiet' })
    worker.logs(12, 5)
    worker.tick(600)
    worker.waitSeconds(600)
    worker.tick(600, { source: 'quiet', isIdle: true })
    expect(worker.changes()).toContain('resolved errors{service="shop"} 80s')
  })

  test('stays as it is where no source says anything: a worker that is down is no sign of recovery', () => {
    const worker = new Worker([errors])
    worker.logs(12, 5)
    worker.tick(20)
    worker.waitSeconds(4000)
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 10s'])
  })

  test('is over where no source has logs any longer', () => {
    const worker = new Worker([errors])
    worker.logs(12, 5)
    for (let second = 20; second <= 120; second += 10) {
      worker.waitSeconds(10)
      worker.tick(second, { isIdle: true })
    }
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 10s', 'resolved errors{service="shop"} 80s'])
  })

  test('whose measure has no value without logs stays as it is where no source has logs', () => {
    const share: RuleDefinition = {
      name: 'errors',
      kind: 'ratio',
      groupBy: ['service'],
      bad: "level == 'error'",
      window: '1m',
      every: '10s',
      fire: '> 20 %',
    }
    const worker = new Worker([share])
    const timeMs = startMs + 12_000
    const rules = { errors: [{ timeMs, count: 5, bad: 5 }] }
    worker.write('service="shop"', { source: 'logs/0', reachedMs: timeMs, group: ['shop'], rules })
    worker.waitSeconds(300)
    worker.tick(300, { isIdle: true })
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 10s'])
  })

  test('fires after its time when the clock of the sources continues without logs of its group', () => {
    const worker = new Worker([{ ...errors, for: '20s' }])
    worker.tick(0)
    worker.logs(12, 5)
    worker.tick(25)
    expect(worker.changes()).toEqual([])
    worker.tick(31)
    expect(worker.changes()).toEqual(['firing errors{service="shop"} 30s'])
  })
})

describe('missing logs', () => {
  const absence: RuleDefinition = { name: 'no-logs', kind: 'absence', window: '1m', every: '10s', grace: '30s' }

  test('are an alert although no log has ever come', () => {
    const worker = new Worker([absence])
    worker.waitSeconds(120)
    expect(worker.changes()).toEqual([expect.stringContaining('firing no-logs')])
  })

  test('of a source that has become idle are an alert, and the next log ends it', () => {
    const worker = new Worker([absence])
    worker.write('all', {
      source: 'logs/0',
      reachedMs: startMs,
      group: [],
      rules: { 'no-logs': [{ timeMs: startMs, count: 1 }] },
    })
    worker.tick(0)
    worker.waitSeconds(120)
    expect(worker.changes()).toEqual([])
    worker.tick(120, { isIdle: true })
    expect(worker.changes()).toEqual([expect.stringContaining('firing no-logs')])
    const reachedMs = startMs + 130_000
    worker.write('all', {
      source: 'logs/0',
      reachedMs,
      group: [],
      rules: { 'no-logs': [{ timeMs: reachedMs, count: 1 }] },
    })
    worker.tick(200)
    expect(worker.changes()).toEqual([expect.stringContaining('resolved no-logs')])
  })
})

test('thousands of alerts that wait for the same time fire within seconds', () => {
  const worker = new Worker([{ ...errors, for: '20s' }])
  worker.tick(0)
  for (let service = 0; service < 5000; service++) worker.logs(12, 5, { service: `service-${service}` })
  worker.tick(31)
  worker.waitSeconds(2)
  expect(worker.changes().filter((change) => change.startsWith('firing'))).toHaveLength(5000)
})

describe('missing logs of a group', () => {
  test.each<readonly [string, Partial<RuleDefinition>, number]>([
    ['are waited for longer than a day', { window: '25h', every: '1h' }, 93_600],
    ['must be missing for a day', { window: '1h', every: '1h', for: '24h' }, 93_600],
  ])('that %s fire, and the group is forgotten a day later', (_, times, firedSecond) => {
    const worker = new Worker([{ name: 'no-logs', kind: 'absence', groupBy: ['service'], ...times } as RuleDefinition])
    worker.tick(0)
    worker.logs(0, 1, { rules: ['no-logs'] })
    for (let second = 0; second < 72 * 3600; second += 600) worker.tick(second)
    const changes = worker.changes().filter((change) => !change.startsWith('pending'))
    expect(changes[0]).toBe(`firing no-logs{service="shop"} ${firedSecond}s`)
    const resolvedSecond = Number(/resolved .* (\d+)s/.exec(changes[1] ?? '')?.[1])
    expect(resolvedSecond - firedSecond).toBeGreaterThanOrEqual(86_400)
  })
})

describe('a correlation', () => {
  const both: RuleDefinition = {
    name: 'both',
    kind: 'correlation',
    groupBy: ['service'],
    window: '5m',
    rules: ['errors', 'slow'],
  }

  test('fires when the alerts of all its rules fire', () => {
    const worker = new Worker([errors, { ...errors, name: 'slow' }, both])
    worker.tick(0)
    worker.logs(12, 5)
    worker.waitSeconds(2)
    worker.logs(45, 5, { rules: ['slow'] })
    expect(worker.changes()).toEqual([
      'firing errors{service="shop"} 10s',
      'firing slow{service="shop"} 40s',
      expect.stringContaining('firing both{service="shop"}'),
    ])
  })
})

describe('states', () => {
  test('of groups that are over are deleted', () => {
    const worker = new Worker([errors])
    worker.logs(12, 1)
    expect(worker.states()).toEqual(['errors{service="shop"}'])
    worker.tick(300)
    worker.tick(400)
    expect(worker.states()).toEqual([])
  })

  test('are so many at most, and the groups that are left out are counted and logged once', () => {
    const worker = new Worker([errors], { statesMax: 1 })
    for (const service of ['a', 'b', 'c']) worker.logs(12, 5, { service })
    expect(worker.changes()).toEqual(['firing errors{service="a"} 10s'])
    expect([worker.counter('alert_groups_left_out'), worker.logger.lines.length]).toEqual([2, 1])
  })

  test('late logs and logs from far ahead are counted', () => {
    const worker = new Worker([errors])
    worker.tick(0)
    worker.logs(300, 1)
    worker.tick(300)
    worker.logs(12, 3)
    expect(worker.counter('alert_logs_late')).toBe(3)
  })
})

test('observations of a rule that is not known are counted, and logged once', () => {
  const worker = new Worker([errors])
  worker.logs(1, 1, { rules: ['other', 'errors'] })
  worker.logs(2, 1, { rules: ['other', 'errors'] })
  expect([worker.counter('alert_rules_unknown'), worker.logger.lines.length]).toEqual([2, 1])
})

test('a rule that groups otherwise in another worker is not mixed up', () => {
  const worker = new Worker([{ ...errors, groupBy: ['host'] }])
  worker.logs(12, 5)
  expect([worker.changes(), worker.counter('alert_rules_unknown')]).toEqual([[], 1])
})
