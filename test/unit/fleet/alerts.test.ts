import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { alertsTopology } from '../../../fleet/alerts-worker.ts'
import { kindTopology, type WorkerKind } from '../../../fleet/kinds.ts'
import { topics } from '../../../fleet/topics.ts'
import type { Alert } from '../../../schemas/alert.ts'
import { loadRules, notices } from '../../../src/alerts/index.ts'
import { bytes, json, silentLogger, string } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'

const nowMs = Date.UTC(2026, 10, 24, 8)
const rulesFile = new URL('../../../alerts/fleet.yaml', import.meta.url)
const rules = loadRules(readFileSync(rulesFile, 'utf8'), 'fleet.yaml')
const plan = notices({ receivers: [{ name: 'log' }], routes: [{ name: 'all', receivers: ['log'] }] })
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

type Log = Readonly<Record<string, unknown>> | string

/** Log workers and the worker that owns the alerts, with the rules of the fleet. */
class Fleet {
  readonly #alerts: TopologyTestDriver
  readonly #workers = new Map<WorkerKind, TopologyTestDriver>()
  readonly #passed = new Map<WorkerKind, number>()

  constructor() {
    const options = { rules, plan, notifiers: [], logger: silentLogger, sinks: [] }
    this.#alerts = opened(new TopologyTestDriver(alertsTopology(options), { startMs: nowMs }))
  }

  /** All of them, through a worker of the kind; the worker of alerts reads what came of them. */
  logs(kind: WorkerKind, logs: readonly Log[]): void {
    const worker = this.#workerOf(kind)
    const input = worker.createInputTopic(topics[kind].name, { key: string(), value: bytes() })
    for (const log of logs) {
      input.pipeInput('key', Buffer.from(typeof log === 'string' ? log : JSON.stringify(log)), nowMs)
    }
    // Lines that more could follow wait for it.
    worker.advanceWallClock(5000)
    const records = worker.producedRecords().filter(({ topic }) => topic === topics.alertObservations.name)
    for (const record of records.slice(this.#passed.get(kind) ?? 0)) this.#alerts.pipeRaw(record)
    this.#passed.set(kind, records.length)
  }

  /** What the topic of alerts has told: status, rule and group. */
  alerts(): readonly string[] {
    const output = this.#alerts.createOutputTopic(topics.alerts.name, { key: string(), value: json<Alert>() })
    return output
      .readRecordsToList()
      .map(({ value }) => value as Alert)
      .map(({ status, severity, key }) => `${status} ${severity} ${key}`)
  }

  #workerOf(kind: WorkerKind): TopologyTestDriver {
    const known = this.#workers.get(kind)
    if (known !== undefined) return known
    const options = {
      sinks: [],
      policy: defaultInputPolicy,
      avro: undefined,
      geo: undefined,
      pace: 'production',
    } as const
    const topology = kindTopology(kind, { ...options, pipeline: pipeline({ name: kind }), rules })
    const worker = opened(new TopologyTestDriver(topology, { startMs: nowMs }))
    this.#workers.set(kind, worker)
    return worker
  }
}

function opened(driver: TopologyTestDriver): TopologyTestDriver {
  drivers.push(driver)
  return driver
}

let logs = 0

function log(fields: Record<string, unknown> = {}): Log {
  const eventId = `e${logs++}`
  return { timestamp: nowMs, level: 'info', service: 'payments', message: 'fine', eventId, ...fields }
}

const many = (count: number, make: (index: number) => Log) => Array.from({ length: count }, (_, index) => make(index))

describe('the error budget of a service', () => {
  test('is an alert while it burns, once', () => {
    const fleet = new Fleet()
    fleet.logs(
      'application',
      many(200, (index) => log({ level: index % 2 === 0 ? 'error' : 'info' })),
    )
    expect(fleet.alerts()).toEqual(['firing critical burn-rate{service="payments"}'])
  })

  test('is no alert of a healthy service', () => {
    const fleet = new Fleet()
    fleet.logs(
      'application',
      many(500, () => log()),
    )
    expect(fleet.alerts()).toEqual([])
  })

  test('is one budget, whatever kinds of logs the service writes', () => {
    const fleet = new Fleet()
    const failing = () => many(30, () => log({ level: 'error' }))
    fleet.logs('application', failing())
    expect(fleet.alerts()).toEqual([])
    fleet.logs('performance', failing())
    expect(fleet.alerts()).toEqual(['firing critical burn-rate{service="payments"}'])
  })
})

describe('components', () => {
  test('of which many logs are errors are an alert', () => {
    const fleet = new Fleet()
    const component = (index: number) => (index % 3 === 0 ? 'cart' : 'search')
    fleet.logs(
      'application',
      many(180, (index) => log({ component: component(index), level: index % 9 === 0 ? 'error' : 'info' })),
    )
    expect(fleet.alerts()).toContain('firing medium component-error-rate{service="payments",component="cart"}')
  })

  test('are no places in the code: a handler of errors logs nothing else', () => {
    const fleet = new Fleet()
    const line = (index: number) =>
      index % 40 === 0 ? 'ERROR [main] a.b.Handler: failed' : `INFO [main] a.b.Class${index % 7}: did it`
    fleet.logs(
      'application',
      many(2500, (index) => `2026-11-24 08:00:00,000 ${line(index)}`),
    )
    expect(fleet.alerts()).toEqual([])
  })
})

describe('failed logins', () => {
  const bruteForce = (source: string) => `firing critical brute-force{failedLogin.source="${source}"}`

  test('from one source are an alert', () => {
    const fleet = new Fleet()
    const message = (index: number) => `Failed password for root from 203.0.113.9 port ${index}`
    fleet.logs(
      'audit',
      many(12, (index) => log({ message: message(index), userId: 'root' })),
    )
    expect(fleet.alerts()).toEqual([bruteForce('203.0.113.9')])
  })

  test('count once for each attempt, however many lines tell of it', () => {
    const fleet = new Fleet()
    const lines = [1, 2, 3, 4].flatMap((pid) => {
      const head = `2026-11-24T07:59:0${pid}+00:00 web1 sshd[${pid}]:`
      return [
        `${head} Invalid user ann from 203.0.113.9 port 4022`,
        `${head} pam_unix(sshd:auth): authentication failure; logname= rhost=203.0.113.9`,
        `${head} Failed password for invalid user ann from 203.0.113.9 port 4022 ssh2`,
        `${head} Connection closed by invalid user ann 203.0.113.9 port 4022 [preauth]`,
      ]
    })
    fleet.logs('audit', lines)
    expect(fleet.alerts()).toEqual([])
  })

  test('count where fields tell of them', () => {
    const fleet = new Fleet()
    const event = { category: ['authentication'], outcome: 'failure' }
    fleet.logs(
      'audit',
      many(12, (index) => log({ event, source: { ip: '2001:db8::9' }, message: `no ${index}` })),
    )
    expect(fleet.alerts()).toEqual([bruteForce('2001:db8::9')])
  })

  test('from many sources, a few each, are none', () => {
    const fleet = new Fleet()
    fleet.logs(
      'audit',
      many(5, (index) => log({ message: `Failed password from 203.0.113.${index}` })),
    )
    expect(fleet.alerts()).toEqual([])
  })
})
