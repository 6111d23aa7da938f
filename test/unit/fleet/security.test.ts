import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { alertsTopology } from '../../../fleet/alerts-worker.ts'
import { kindTopology, type WorkerKind } from '../../../fleet/kinds.ts'
import { securityRules } from '../../../fleet/security-files.ts'
import { topics } from '../../../fleet/topics.ts'
import type { Alert } from '../../../schemas/alert.ts'
import { notices, type ResponseAction } from '../../../src/alerts/index.ts'
import { bytes, json, silentLogger, string } from '../../../src/index.ts'
import { pipeline } from '../../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../../src/testing/index.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'

interface Scenario {
  readonly name: string
  readonly kind: WorkerKind
  readonly lines: readonly string[]
  /** The lines again, so often. */
  readonly times?: number
  /** Seconds between two of them. */
  readonly every?: number
  /** Lines that follow. */
  readonly then?: readonly string[]
  readonly hour?: number
  readonly fires: string
  readonly responds?: string
}

const root = join(import.meta.dirname, '../../..')
const scenarios = parse(readFileSync(join(root, 'test/data/security/scenarios.yaml'), 'utf8')) as readonly Scenario[]
const security = securityRules({ rules: join(root, 'security/rules') })
const plan = notices({ receivers: [{ name: 'log' }], routes: [{ name: 'all', receivers: ['log'] }] })
const drivers: TopologyTestDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

function opened(driver: TopologyTestDriver): TopologyTestDriver {
  drivers.push(driver)
  return driver
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function written(line: string, number: number, timeMs: number): string {
  const time = new Date(timeMs)
  const iso = time.toISOString()
  const clock = iso.slice(11, 19)
  const month = months[time.getUTCMonth()] ?? ''
  const day = String(time.getUTCDate()).padStart(2, '0')
  return line
    .replaceAll('%{n}', String(number))
    .replaceAll('%{iso}', iso)
    .replaceAll('%{clf}', `${day}/${month}/${time.getUTCFullYear()}:${clock} +0000`)
    .replaceAll('%{syslog}', `${month} ${day} ${clock}`)
}

/** A log worker and the worker that owns the alerts, one after the other. */
function found({ kind, lines, times = 1, every = 1, then = [], hour = 9 }: Scenario) {
  const startMs = Date.UTC(2026, 10, 24, hour)
  const worker = opened(
    new TopologyTestDriver(
      kindTopology(kind, {
        sinks: [],
        policy: defaultInputPolicy,
        avro: undefined,
        geo: undefined,
        pace: 'production',
        pipeline: pipeline({ name: kind }),
        security,
      }),
      { startMs },
    ),
  )
  const input = worker.createInputTopic(topics[kind].name, { key: string(), value: bytes() })
  let count = 0
  const pipe = (line: string): void => {
    const timeMs = startMs + count++ * every * 1000
    worker.advanceWallClock(every * 1000)
    input.pipeInput('source', Buffer.from(written(line, count, timeMs)), timeMs)
  }
  for (let time = 0; time < times; time++) lines.forEach(pipe)
  then.forEach(pipe)
  // Lines that more could follow wait for it.
  worker.advanceWallClock(5000)
  const options = { rules: security?.plans ?? [], plan, notifiers: [], logger: silentLogger, sinks: [] }
  const alerts = opened(new TopologyTestDriver(alertsTopology(options), { startMs: worker.wallClockMs() }))
  for (const record of worker.producedRecords())
    if (record.topic === topics.alertObservations.name) alerts.pipeRaw(record)
  const texts = { key: string(), value: json<unknown>() }
  return {
    alerts: alerts.createOutputTopic(topics.alerts.name, texts).readValuesToList() as readonly Alert[],
    responses: alerts
      .createOutputTopic(topics.responseActions.name, texts)
      .readValuesToList() as readonly ResponseAction[],
  }
}

describe('an attack', () => {
  test.each(scenarios)('is found: $name', (scenario) => {
    const { alerts, responses } = found(scenario)
    const firing = alerts.filter(({ status }) => status === 'firing')
    expect(firing.map(({ severity, key }) => `${severity} ${key}`)).toContain(scenario.fires)
    const shown = responses.map(({ action, target }) =>
      target === null ? action : `${action} ${target.field} ${target.value}`,
    )
    expect(scenario.responds === undefined || shown.includes(scenario.responds)).toBe(true)
  })

  test('is shown with its rule, its level, what matched and the line', () => {
    const [scenario] = scenarios
    const { alerts } = found(scenario as Scenario)
    expect(alerts).toMatchObject([
      {
        rule: 'sigma-sql-injection-in-a-request',
        severity: 'high',
        summary: expect.stringContaining("SQL injection in a request: selection (c-uri '/items?id=7%20UNION"),
        details: {
          labels: { level: 'high', sigma: expect.any(String), tags: 'attack.initial-access attack.t1190' },
          examples: [expect.stringContaining('UNION%20SELECT')],
        },
      },
    ])
  })

  test('has a response that says what, for whom, why and until when', () => {
    const [scenario] = scenarios
    const { responses, alerts } = found(scenario as Scenario)
    expect(responses).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        action: 'block-ip',
        target: { field: 'ip', value: '203.0.113.5' },
        rule: 'sigma-sql-injection-in-a-request',
        alert: alerts[0]?.key,
        episode: alerts[0]?.id,
        severity: 'high',
        reason: alerts[0]?.summary,
        examples: [expect.any(String)],
        timeMs: alerts[0]?.timestamp,
        untilMs: (alerts[0]?.timestamp ?? 0) + 3_600_000,
      },
    ])
  })
})

test('each file of the fleet has a scenario', () => {
  const files = readdirSync(join(root, 'security/rules'))
  const names = scenarios.map(({ fires }) => fires.replace(/^\w+ (sigma-[a-z-]+).*$/, '$1'))
  const plans = security?.plans.map(({ name }) => name) ?? []
  expect(files.length).toBeGreaterThan(10)
  expect(plans.filter((name) => !names.includes(name))).toEqual([])
})
