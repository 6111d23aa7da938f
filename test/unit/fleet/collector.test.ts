import { afterEach, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { collectorWorker } from '../../../fleet/collector-worker.ts'
import { topics } from '../../../fleet/topics.ts'
import { silentLogger, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { runWorker } from '../../../src/worker/index.ts'
import { until } from '../../support/until.ts'

const running: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

interface Worker {
  readonly memory: MemoryKafka
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>
  stop(): Promise<number>
}

function start(environment: Readonly<Record<string, string>>): Worker {
  const memory = new MemoryKafka()
  let end: (signal: string) => void = () => {}
  const stop = new Promise<string>((resolve) => {
    end = resolve
  })
  const ended = runWorker(collectorWorker(), {
    environment: { DRAIN_TIMEOUT_MS: '10000', ...environment },
    kafka: memory.connection,
    logger: silentLogger,
    stop,
  })
  const worker: Worker = { memory, ended, stop: () => (end('test'), ended) }
  running.push(() => worker.stop().catch(() => {}))
  return worker
}

test('the worker takes logs into a topic of the fleet, counts them in its metrics, and drains', async () => {
  const [port = 0, opsPort = 0] = await freePorts(2)
  const worker = start({
    COLLECTOR_HTTP_PORT: String(port),
    COLLECTOR_TOKEN: 'secret',
    COLLECTOR_TOPIC: topics.audit.name,
    OPS_PORT: String(opsPort),
  })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer secret' }
  const send = () => fetch(`http://127.0.0.1:${port}/ingest`, { method: 'POST', headers, body: '[{"a":1},2]' })
  await until(() =>
    send().then(
      ({ status }) => status === 200,
      () => false,
    ),
  )
  const written = worker.memory.topic(topics.audit.name, { key: string(), value: string() }).read()
  expect(written.map(({ value }) => value)).toEqual(['{"a":1}'])
  const metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()
  expect(metrics).toContain('millrace_collector_records_total{input="http"} 1')
  expect(metrics).toContain('millrace_collector_refused_total{input="http",reason="not-json"} 1')
  expect(metrics).toContain('millrace_collector_pending_bytes 0')
  expect(await worker.stop()).toBe(0)
})

/** What a start that fails prints on standard error. */
async function startError(environment: Readonly<Record<string, string>>): Promise<string> {
  const [opsPort = 0] = await freePorts(1)
  const errors: string[] = []
  const write = process.stderr.write
  process.stderr.write = (text) => errors.push(String(text)) > 0
  try {
    expect(await start({ ...environment, OPS_PORT: String(opsPort) }).ended).toBe(2)
  } finally {
    process.stderr.write = write
  }
  return errors.join('')
}

test.each([
  [{}, 'COLLECTOR_HTTP_PORT'],
  [{ COLLECTOR_REDIS_STREAM: 'logs' }, 'REDIS_URL'],
  [{ COLLECTOR_SYSLOG_TCP_PORT: '0', COLLECTOR_TLS_CERT_FILE: import.meta.filename }, 'COLLECTOR_TLS_KEY_FILE'],
  [{ COLLECTOR_HTTP_PORT: '0', COLLECTOR_HOST: '0.0.0.0' }, 'set a token'],
])('%j ends the start with what is missing', async (environment, text) => {
  expect(await startError(environment)).toContain(text)
})
