import { expect, test } from '@jest/globals'
import { runExample } from '../../src/cli/examples/run-example.ts'
import {
  type ApplicationStatus,
  composeStreams,
  defineTopology,
  importTopology,
  silentLogger,
  startStreams,
  StreamsBuilder,
  string,
} from '../../src/index.ts'
import { asWorker } from '../../src/worker/load-worker.ts'
import { prepareWorker } from '../../src/worker/prepare-worker.ts'
import { defineWorker } from '../../src/worker/index.ts'
import { createMetrics, createPinoLogger, Health, startOpsServer } from '../../src/ops/index.ts'
import { openMemoryKafka, processed } from './memory-kafka.ts'

const builder = new StreamsBuilder()
builder.stream('in', { key: string(), value: string() }).to('out')
const topology = builder.build()

test('an application on the cluster in this process', async () => {
  const { kafka, close } = await openMemoryKafka('in', 'out')

  // #region start
  const streams = await startStreams({ applicationId: 'copy', kafka }, topology)
  await streams.application.waitFor('RUNNING', 10_000)
  const { state, tasks } = streams.application.status()
  await streams.close({ timeoutMs: 10_000 })
  // #endregion
  await close()
  expect([state, tasks.length]).toEqual(['RUNNING', 1])
})

test('the threads of an imported topology', async () => {
  const { kafka, send, close } = await openMemoryKafka('orders', 'large-orders')

  // #region threads
  const orders = await importTopology(new URL('./orders-topology.ts', import.meta.url))
  const streams = await startStreams({ applicationId: 'orders', kafka, threads: 2 }, orders)
  // #endregion
  await streams.application.waitFor('RUNNING', 10_000)
  await send('orders', 'a', '1200')
  await processed(streams, 1)
  expect(streams.application.status().threads).toHaveLength(2)
  await streams.close()
  await close()
})

test('probes, metrics and status of an application', async () => {
  const { kafka, send, close } = await openMemoryKafka('in', 'out')

  // #region operations
  const status = (): ApplicationStatus => streams.application.status()
  const metrics = createMetrics({ status })
  const health = new Health({ status })
  const logger = createPinoLogger({ level: 'warn' })
  const streams = composeStreams({ applicationId: 'copy', kafka, logger, listener: metrics.listener }, topology)
  const server = await startOpsServer({
    port: 0,
    live: () => health.live(),
    ready: () => health.ready(),
    metrics: () => metrics.text(),
    status,
  })
  await streams.application.start()
  // #endregion

  const url = `http://127.0.0.1:${server.port}`
  await streams.application.waitFor('RUNNING', 10_000)
  await send('in', 'a', 'x')
  await processed(streams, 1)
  expect((await fetch(`${url}/live`)).status).toBe(200)
  expect(await (await fetch(`${url}/ready`)).json()).toEqual({ ok: true, reason: 'RUNNING' })
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('millrace_messages_processed_total 1')
  expect(await (await fetch(`${url}/status`)).json()).toMatchObject({ applicationId: 'copy', state: 'RUNNING' })
  await streams.close({ timeoutMs: 10_000 })
  expect((await fetch(`${url}/ready`)).status).toBe(503)
  await server.close()
  await close()
})

test('a worker whose example comes out as it says', async () => {
  const topology = defineTopology('copies', (copied) => {
    copied.stream('originals', { key: string(), value: string() }).to('copies')
  })

  // #region worker
  const worker = defineWorker({
    name: 'copies',
    topology: () => topology,
    topics: ({ kafka }) => [
      { name: 'originals', partitions: 12, replicationFactor: kafka.replicationFactor, configs: {} },
      { name: 'copies', partitions: 12, replicationFactor: kafka.replicationFactor, configs: {} },
    ],
    options: () => ({ producerCompression: 'lz4' }),
    examples: [
      {
        name: 'a record is copied',
        input: [{ topic: 'originals', key: 'a', value: 'b' }],
        output: { copies: [{ key: 'a', value: 'b' }] },
      },
    ],
  })
  // #endregion

  const prepared = await prepareWorker(asWorker(worker), { environment: {}, logger: () => silentLogger })
  const [example] = prepared.examples
  expect(example && (await runExample(prepared, example))).toEqual([])
})
