import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePorts, stopServer } from '../../../scripts/lab/processes.mjs'
import { promtool, startPrometheus } from '../../../scripts/prometheus.mjs'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { alertNames, observedMetrics, panelExpressions, rulesFile, rulesTestFile } from '../../support/observed.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig, someLogs, type WorkerProcess } from '../fleet/fleet-rig.ts'
import { temporaryFolder } from '../fleet/start-process.ts'

const input = topics.application.name

requireServer('prometheus').describe('the alert rules', () => {
  test('are valid for promtool', () => {
    expect(promtool(['check', 'rules', rulesFile])).toMatchObject({ status: 0 })
  })

  test('fire and stay silent as their tests say', () => {
    expect(promtool(['test', 'rules', rulesTestFile])).toMatchObject({ status: 0 })
  })
})

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

requireServer('kafka', 'prometheus').describe('a real Prometheus that scrapes a real worker', () => {
  let rig: FleetRig
  let worker: WorkerProcess
  let prometheus: number | undefined
  let url = ''

  const query = async (expression: string): Promise<readonly Sample[]> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
    const { status, data, error } = (await answer.json()) as {
      status: string
      error?: string
      data?: { result: readonly Sample[] }
    }
    if (status !== 'success') throw new Error(`${expression}: ${error}`)
    return data?.result ?? []
  }

  beforeAll(async () => {
    builtProgram('workers/application')
    rig = await FleetRig.start()
    const [port = 0] = await freePorts(1)
    worker = await rig.worker('application', { KAFKA_GROUP_PREFIX: 'scraped', FILES_DIRECTORY: 'out' })
    const targets = [`127.0.0.1:${worker.port}`]
    prometheus = await startPrometheus({ port, targets, ruleFiles: [rulesFile], folder: temporaryFolder() })
    url = `http://127.0.0.1:${port}`
    await until(async () => (await worker.ask('/ready')).status === 200, 60_000, 'the worker is ready')
    await rig.peer.send(input, someLogs('scraped', 5000))
  }, 180_000)

  afterAll(async () => {
    if (prometheus !== undefined) await stopServer(prometheus)
    await rig?.stop()
  }, 60_000)

  test('has the lag of every partition, and what was processed', async () => {
    await until(
      async () => Number((await query('sum(millrace_messages_processed_total)'))[0]?.value[1]) >= 5000,
      60_000,
      'all logs are counted',
    )
    await until(
      async () => (await query(`kafka_consumer_lag{topic="${input}",replay=""} == 0`)).length === 12,
      60_000,
      'every partition has a lag of 0',
    )
  })

  test('counts logs by level and by component', async () => {
    const counted = async (name: string): Promise<readonly Sample[]> =>
      query(`sum by (value) (millrace_processor_counter_total{name="${name}"})`)
    await until(async () => Number((await counted('log_level'))[0]?.value[1]) >= 5000, 30_000, 'levels are counted')
    expect((await counted('log_level')).map(({ metric }) => metric.value)).toEqual(['info'])
    expect((await counted('component')).map(({ metric }) => metric.value)).toEqual(['scraped'])
  })

  test('knows every metric that the dashboard and the rules use', async () => {
    const { text } = await worker.ask('/metrics')
    const live = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    expect(observedMetrics.filter((name) => !live.has(name))).toEqual([])
  })

  test('evaluates every expression of the dashboard', async () => {
    for (const expression of panelExpressions) await query(expression)
  })

  test('has values for each panel that does not show trouble', async () => {
    const quiet = /stuck|replay!=|restore|trouble|errors_total|dropped|alert_|notice_|left-out/
    let empty: readonly string[] = panelExpressions.filter((text) => !quiet.test(text))
    // A rate needs two scrapes.
    for (const deadlineMs = performance.now() + 30_000; empty.length > 0 && performance.now() < deadlineMs; ) {
      const results = await Promise.all(empty.map((expression) => query(expression)))
      empty = empty.filter((_, index) => results[index]?.length === 0)
    }
    expect(empty).toEqual([])
  })

  test('evaluates every rule without an error, and none fires', async () => {
    interface Rule {
      readonly name: string
      readonly health: string
      readonly state: string
    }
    const rules = async (): Promise<readonly Rule[]> => {
      const answer = await fetch(`${url}/api/v1/rules`)
      const { data } = (await answer.json()) as { data: { groups: readonly { readonly rules: readonly Rule[] }[] } }
      return data.groups.flatMap((group) => group.rules)
    }
    await until(async () => (await rules()).every(({ health }) => health !== 'unknown'), 30_000, 'all are evaluated')
    const told = await rules()
    expect(told.map(({ name }) => name)).toEqual(alertNames)
    expect(told.filter(({ health, state }) => health !== 'ok' || state === 'firing')).toEqual([])
  })

  test('has names that promtool accepts', async () => {
    const { text } = await worker.ask('/metrics')
    expect(checkMetrics(text)).toEqual([])
  })
})

/** What promtool says of our own metrics, but for one whose name is older than this test. */
function checkMetrics(text: string): readonly string[] {
  const ours = text.split('\n').filter((line) => /^(# \w+ )?(kafka|millrace)_(?!processor_counter_total)/.test(line))
  const { output } = promtool(['check', 'metrics'], `${ours.join('\n')}\n`)
  return output.split('\n').filter((line) => line !== '')
}
