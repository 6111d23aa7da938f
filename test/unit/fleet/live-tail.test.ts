import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { fleetWorker } from '../../../fleet/fleet-worker.ts'
import type { WorkerKind } from '../../../fleet/kinds.ts'
import { liveTailWorker } from '../../../fleet/live-tail-worker.ts'
import { fleetTopics, topics } from '../../../fleet/topics.ts'
import { silentLogger, type Streams, string } from '../../../src/index.ts'
import { logClassHeader } from '../../../src/live-tail/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { ensureTopics, runWorker, startWorker } from '../../../src/worker/index.ts'
import { until } from '../../support/until.ts'
import { StreamClient } from '../live-tail/stream-client.ts'

const topic = 'enriched'
const running: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

/** Log workers and the live tail, on a cluster in memory. */
async function started(kinds: readonly WorkerKind[], own: Readonly<Record<string, string>> = {}) {
  const memory = new MemoryKafka()
  await ensureTopics(memory.connection, fleetTopics(1, { liveTail: topic }))
  const [port = 0, opsPort = 0] = await freePorts(2)
  const environment = {
    LIVE_TAIL_TOPIC: topic,
    LIVE_TAIL_PORT: String(port),
    OPS_PORT: String(opsPort),
    KAFKA_OFFSET_RESET: 'earliest',
    COMMIT_INTERVAL_MS: '50',
    ...own,
  }
  const options = { environment, kafka: memory.connection, logger: silentLogger }
  for (const kind of kinds) {
    const worker: Streams = await startWorker(fleetWorker(kind), { ...options, sinks: [] })
    running.push(worker)
  }
  let stop: (signal: string) => void = () => {}
  const stopped = new Promise<string>((resolve) => {
    stop = resolve
  })
  const tail = runWorker(liveTailWorker(), { ...options, stop: stopped })
  running.push({
    close: () => {
      stop('test')
      return tail
    },
  })
  return { memory, port, opsPort }
}

describe('the live tail of the fleet', () => {
  test('shows the documents of log workers, redacted and with their owner, and counts them in the metrics', async () => {
    const { memory, port, opsPort } = await started(['application'])
    await until(() =>
      StreamClient.open(port, 'services=shop').then(
        (client) => (client.close(), true),
        () => false,
      ),
    )
    const client = await StreamClient.open(port, 'services=shop&levels=error')
    running.push({ close: async () => client.close() })
    await client.told('heartbeat')
    const logs = memory.topic(topics.application.name, { key: string(), value: string() })
    const log = { timestamp: Date.now(), service: 'shop', component: 'cart', message: 'it failed', eventId: 'e1' }
    logs.write('shop', JSON.stringify({ ...log, level: 'ERROR', password: 'hunter2hunter2' }))
    logs.write('shop', JSON.stringify({ ...log, level: 'info', eventId: 'e2' }))
    await client.received(1)
    expect(client.lines[0]?.log).toMatchObject({ level: 'error', message: 'it failed', dataClass: expect.any(String) })
    expect(JSON.stringify(client.lines)).not.toContain('hunter2')
    const metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()
    expect(metrics).toMatch(/^millrace_live_tail_viewers 1$/m)
    expect(metrics).toMatch(/^millrace_live_tail_lines_shown_total 1$/m)
    expect(metrics).toMatch(/^millrace_live_tail_lines_dropped_total\{reason="rate"\} 0$/m)
  })

  test('shows to developers what the application worker writes, and not what the audit worker does', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-tokens-'))
    const file = join(folder, 'tokens.yaml')
    const tokenOf = (user: string): string => `token-of-${user}-0123456789`
    const tokens = ['developers', 'auditors'].map((role) => ({ user: role, roles: [role], token: tokenOf(role) }))
    await writeFile(file, JSON.stringify({ tokens }))
    const { memory, port } = await started(['application', 'audit'], { LIVE_TAIL_TOKENS_FILE: file })
    const bearer = (user: string) => ({ authorization: `Bearer ${tokenOf(user)}` })
    const url = `http://127.0.0.1:${port}/logs/access`
    await until(() =>
      fetch(url, { headers: bearer('auditors') }).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    const [developer, auditor] = await Promise.all([
      StreamClient.open(port, '', bearer('developers')),
      StreamClient.open(port, '', bearer('auditors')),
    ])
    running.push({ close: async () => (developer.close(), auditor.close(), rm(folder, { recursive: true })) })
    await Promise.all([developer.told('heartbeat'), auditor.told('heartbeat')])
    // A producer that says that its log is of another kind does not choose who sees it.
    const headers = [{ key: logClassHeader, value: Buffer.from('audit') }]
    const log = { timestamp: Date.now(), service: 'shop', level: 'info' }
    const write = (name: string, message: string): void =>
      memory
        .topic(name, { key: string(), value: string() })
        .write('shop', JSON.stringify({ ...log, message, eventId: message }), { headers })
    write(topics.application.name, 'of the application')
    write(topics.audit.name, 'of the audit')
    await Promise.all([developer.received(1), auditor.received(1)])
    expect([developer.messages, auditor.messages]).toEqual([['of the application'], ['of the audit']])
  })

  test('has numbers of what log workers have counted, and of alerts', async () => {
    const { memory, port } = await started(['application'])
    const logs = memory.topic(topics.application.name, { key: string(), value: string() })
    const minuteMs = 60_000
    const startMs = Math.floor(Date.now() / minuteMs) * minuteMs - 30 * minuteMs
    const write = (atMs: number, log: Readonly<Record<string, unknown>>): void => {
      const whole = {
        timestamp: atMs,
        service: 'shop',
        component: 'cart',
        message: 'done',
        eventId: `at ${atMs}`,
        ...log,
      }
      logs.write('shop', JSON.stringify(whole), { timestamp: atMs })
    }
    write(startMs, { level: 'info', durationMs: 40 })
    write(startMs + 1000, { level: 'error', durationMs: 900 })
    // The window closes with a log that is later.
    write(startMs + 10 * minuteMs, { level: 'info' })
    const alert = { id: 'a', rule: 'errors', severity: 'high', status: 'firing', startedAt: startMs }
    const alerts = memory.topic(topics.alerts.name, { key: string(), value: string() })
    alerts.write('a', JSON.stringify(alert), { timestamp: startMs })
    const address = `http://127.0.0.1:${port}/analytics?from=${startMs}&to=${startMs + minuteMs}&step=${minuteMs}`
    let numbers: Readonly<Record<string, unknown>> = {}
    await until(async () => {
      const response = await fetch(address).catch(() => undefined)
      if (response?.ok !== true) return false
      numbers = (await response.json()) as typeof numbers
      return (numbers.total as readonly unknown[])[0] === 2
    }, 60_000)
    expect(numbers).toMatchObject({
      errors: [1],
      levels: { info: [1], error: [1], warn: [0] },
      services: [{ name: 'shop', total: [2], errors: [1] }],
      components: [{ name: 'shop / cart', total: [2] }],
      alerts: { open: { high: 1 }, rules: [{ rule: 'errors', open: 1, begun: 1 }] },
    })
    const { p50, p99 } = numbers.durations as Readonly<Record<string, readonly number[]>>
    expect([p50?.[0], p99?.[0]].map((ms) => Math.round(ms ?? 0))).toEqual([42, 939])
  }, 120_000)

  test('does not start without a topic', async () => {
    const memory = new MemoryKafka()
    const errors: string[] = []
    const write = process.stderr.write
    process.stderr.write = (text) => errors.push(String(text)) > 0
    try {
      const environment = { OPS_PORT: '0' }
      const never = new Promise<string>(() => {})
      const options = { environment, kafka: memory.connection, logger: silentLogger, stop: never }
      expect(await runWorker(liveTailWorker(), options)).toBe(2)
    } finally {
      process.stderr.write = write
    }
    expect(errors.join('')).toContain('LIVE_TAIL_TOPIC')
  })
})
