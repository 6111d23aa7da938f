import { afterEach, describe, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { fleetWorker } from '../../../fleet/fleet-worker.ts'
import { liveTailWorker } from '../../../fleet/live-tail-worker.ts'
import { fleetTopics, topics } from '../../../fleet/topics.ts'
import { silentLogger, type Streams, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { ensureTopics, runWorker, startWorker } from '../../../src/worker/index.ts'
import { until } from '../../support/until.ts'
import { StreamClient } from '../live-tail/stream-client.ts'

const topic = 'enriched'
const running: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

describe('the live tail of the fleet', () => {
  test('shows the documents of log workers, redacted and with their owner, and counts them in the metrics', async () => {
    const memory = new MemoryKafka()
    await ensureTopics(memory.connection, fleetTopics(1, { liveTail: topic }))
    const [port = 0, opsPort = 0] = await freePorts(2)
    const environment = {
      LIVE_TAIL_TOPIC: topic,
      LIVE_TAIL_PORT: String(port),
      OPS_PORT: String(opsPort),
      KAFKA_OFFSET_RESET: 'earliest',
      COMMIT_INTERVAL_MS: '50',
    }
    const options = { environment, kafka: memory.connection, logger: silentLogger }
    const worker: Streams = await startWorker(fleetWorker('application'), { ...options, sinks: [] })
    running.push(worker)
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
