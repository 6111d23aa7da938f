import { expect, test } from '@jest/globals'
import { fleetWorker } from '../../../fleet/fleet-worker.ts'
import { startTail } from '../../../fleet/start/tail.ts'
import { fleetTopics, topics } from '../../../fleet/topics.ts'
import { MemoryCluster, openKafka, silentLogger, systemClock } from '../../../src/index.ts'
import { ensureTopics, startWorker } from '../../../src/worker/index.ts'

const logs = 100

test('a rate window is reported although nothing follows it', async () => {
  const kafka = { driver: 'memory' as const, cluster: new MemoryCluster({ clock: systemClock }) }
  await ensureTopics(kafka, fleetTopics(1))
  const environment = {
    KAFKA_OFFSET_RESET: 'earliest',
    COMMIT_INTERVAL_MS: '100',
    WINDOW_IDLE_MS: '200',
  }
  const tail = await startTail(kafka, () => {})
  const options = { environment, kafka, logger: silentLogger, sinks: [] }
  const worker = await startWorker(fleetWorker('application', 'demonstration'), options)
  try {
    await writeLogs(kafka)
    const deadlineMs = performance.now() + 60_000
    while (tail.told().windowsClosed === 0 && performance.now() < deadlineMs) await systemClock.sleep(50)
    expect(tail.told().windowsClosed).toBeGreaterThan(0)
  } finally {
    await worker.close()
    await tail.stop()
  }
}, 90_000)

async function writeLogs(kafka: Parameters<typeof openKafka>[0]): Promise<void> {
  const driver = openKafka(kafka)
  const producer = driver.producer({
    clientId: 'logs',
    acks: 'all',
    idempotent: true,
    compression: 'none',
    lingerMs: 0,
    idleLingerMs: 0,
    batchBytes: 16_384,
    bufferedBytesMax: 1_000_000,
    maxRequestBytes: 1_000_000,
    deliveryTimeoutMs: 10_000,
    onSendError: () => 'fail',
  })
  const { name } = topics.application
  await producer.prepareTopics([name], 10_000)
  const timestamp = Date.now()
  for (let index = 0; index < logs; index++) {
    const log = { eventId: `e${index}`, timestamp, level: 'error', message: 'm', service: 's', component: 'c' }
    producer.send(name, 0, Buffer.from('s'), Buffer.from(JSON.stringify(log)), timestamp, [])
  }
  await producer.close(10_000)
  await driver.close()
}
