import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import { topics } from '../../../fleet/topics.ts'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig, type WorkerProcess } from '../fleet/fleet-rig.ts'
import { outageLines } from './outage-lines.ts'

const input = topics.application.name
const schemaId = 7
const schema = JSON.stringify({ type: 'record', name: 'Log', fields: [{ name: 'message', type: 'string' }] })

/** In the format of Confluent: a zero, the id of the schema, the Avro bytes of a log with the message `hi`. */
const avroLog = Buffer.from([0, 0, 0, 0, schemaId, 4, ...Buffer.from('hi')])

requireServer('kafka').describe('a worker whose schema registry is unreachable', () => {
  let rig: FleetRig
  let worker: WorkerProcess
  let registry: Server | undefined
  let port = 0

  beforeAll(async () => {
    builtProgram('workers/application')
    rig = await FleetRig.start()
    ;[port = 0] = await freePorts(1)
    worker = await rig.worker('application', {
      KAFKA_GROUP_PREFIX: 'registry',
      FILES_DIRECTORY: 'out',
      SCHEMA_REGISTRY_URL: `http://127.0.0.1:${port}`,
    })
    await until(async () => (await worker.ask('/ready')).status === 200, 60_000, 'the worker is ready')
  }, 180_000)

  afterAll(async () => {
    registry?.closeAllConnections()
    registry?.close()
    await rig?.stop()
  }, 60_000)

  test('reports it in metrics and the log within 10 s, logs it again with a count, and is then not ready, but live', async () => {
    await rig.peer.send(input, [{ key: 'k', value: avroLog }])
    const told = /^millrace_streaming_errors_total\{code="REGISTRY_UNAVAILABLE"\} [1-9]/m
    await until(async () => told.test((await worker.ask('/metrics')).text), 10_000, 'a metric reports it')
    const lines = () => outageLines(worker, /REGISTRY_UNAVAILABLE.*: retrying/)
    expect(lines()).not.toEqual([])
    await until(
      () => (lines().at(-1)?.count ?? 0) > (lines()[0]?.count ?? 0),
      20_000,
      'it is logged again, with a count',
    )
    await until(async () => (await worker.ask('/ready')).status === 503, 20_000, 'it is not ready')
    expect((await worker.ask('/metrics')).text).toMatch(
      /^kafka_consumer_lag\{topic="fastmcp-application-logs",.*\} 1$/m,
    )
    expect((await worker.ask('/live')).status).toBe(200)
  }, 60_000)

  test('continues when the registry is back, and has lost nothing', async () => {
    registry = createServer((_, response) => {
      response.setHeader('content-type', 'application/vnd.schemaregistry.v1+json')
      response.end(JSON.stringify({ schema }))
    }).listen(port, '127.0.0.1')
    await until(async () => (await worker.ask('/ready')).status === 200, 60_000, 'it is ready again')
    await until(async () => (await rig.peer.lag('registry-application', input)) === 0, 30_000, 'all is committed')
    expect((await worker.ask('/metrics')).text).toMatch(/^millrace_dead_letters_total 0$/m)
  }, 120_000)
})
