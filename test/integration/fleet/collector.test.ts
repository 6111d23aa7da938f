import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { topics } from '../../../fleet/topics.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { WireClient } from '../../support/wire-client.ts'
import { TopicReader } from '../collectors/topic-reader.ts'
import { FleetRig, type WorkerProcess } from './fleet-rig.ts'

const { name: topic, partitions } = topics.application

requireServer('kafka').describe('a collector process', () => {
  let rig: FleetRig
  let client: WireClient

  beforeAll(async () => {
    rig = await FleetRig.start()
    client = new WireClient(rig.kafka.bootstrap)
  }, 120_000)

  afterAll(async () => {
    await client?.close()
    await rig?.stop()
  })

  test('that is killed with -9 loses nothing that it has answered for, and a second one drains', async () => {
    const [port = 0] = await freePorts(1)
    const start = async (): Promise<WorkerProcess> => {
      const worker = await rig.worker('collector', { COLLECTOR_HTTP_PORT: String(port) })
      await until(async () => (await worker.ask('/ready')).status === 200, 60_000, 'it is ready')
      return worker
    }
    const answered: string[] = []
    const send = async (number: number): Promise<void> => {
      const body = `{"http":${number}}`
      const headers = { 'content-type': 'application/x-ndjson' }
      const { status } = await fetch(`http://127.0.0.1:${port}/ingest`, { method: 'POST', headers, body })
      if (status === 200) answered.push(body)
    }
    const first = await start()
    let next = 0
    let isKilled = false
    const senders = Array.from({ length: 8 }, async () => {
      while (!isKilled) await send(next++).catch(() => {})
    })
    await until(() => answered.length > 100, 60_000)
    first.process.signal('SIGKILL')
    await first.process.exitCode(10_000)
    isKilled = true
    await Promise.all(senders)
    const second = await start()
    for (let number = 0; number < 20; number++) await send(next++)
    const reader = new TopicReader(client, topic, partitions)
    await reader.until((values) => {
      const stored = new Set(values)
      return answered.every((value) => stored.has(value))
    }, 60_000)
    await reader.close()
    second.process.signal('SIGTERM')
    expect(await second.process.exitCode(30_000)).toBe(0)
  }, 180_000)
})
