import { get, type IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { RecordReader } from '../../../src/kafka/record-reader.ts'
import type { LiveTailServer } from '../../../src/live-tail/index.ts'
import { until } from '../../support/until.ts'
import { refusal, StreamClient } from '../../unit/live-tail/stream-client.ts'
import { BrokerScene } from './broker-scene.ts'

let scene: BrokerScene

beforeAll(async () => {
  scene = await BrokerScene.open()
  const { producer, topic } = scene
  for (let number = 0; number < 20_000; number++) {
    const log = { level: number % 10 === 0 ? 'error' : 'info', message: `line ${number}` }
    producer.send(topic, number % 3, null, Buffer.from(JSON.stringify(log)), 1_000_000 + number, [])
    if (producer.isFull) await producer.drained()
  }
  await producer.flush(30_000)
}, 120_000)

afterEach(() => scene.closeServers())

afterAll(() => scene?.close())

async function exported({ port }: LiveTailServer, query: string): Promise<readonly Record<string, unknown>[]> {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ port, path: `/logs/export?${query}`, agent: false }, resolve).once('error', reject),
  )
  let text = ''
  for await (const part of response.setEncoding('utf8')) text += String(part)
  const lines = text.trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('an export of a real broker', () => {
  test('has every line of the filter once, from its time on', async () => {
    const lines = await exported(await scene.serve({ exports: true }), 'from=1010000&levels=error')
    expect(lines.at(-1)).toEqual({ export: { lines: 1000, bytes: expect.any(Number), complete: true } })
    const numbers = lines.slice(0, -1).map(({ message }) => Number(String(message).split(' ')[1]))
    const wanted = Array.from({ length: 1000 }, (_, index) => 10_000 + 10 * index)
    expect(numbers.toSorted((left, right) => left - right)).toEqual(wanted)
  })

  test('ends at its bound', async () => {
    const lines = await exported(await scene.serve({ exports: true, exportLinesMax: 500 }), 'from=0')
    expect(lines).toHaveLength(501)
    expect(lines.at(-1)).toMatchObject({ export: { lines: 500, complete: false } })
  })
})

describe('an audit topic of a real broker', () => {
  type Entry = Readonly<Record<string, unknown>>

  async function entriesOf(auditTopic: string): Promise<readonly Entry[]> {
    const admin = scene.client.driver.admin()
    const [end] = await admin.listOffsets([{ topic: auditTopic, partition: 0, at: 'latest' }], 'read_committed')
    await admin.close()
    const reader = new RecordReader(scene.client.driver, [
      { topic: auditTopic, partition: 0, offset: 0, end: end?.offset },
    ])
    const entries: Entry[] = []
    for await (const batch of reader.batches(30_000))
      for (let index = 0; index < batch.count; index++)
        entries.push(JSON.parse(Buffer.from(batch.value(index) as Uint8Array).toString()) as Entry)
    await reader.close()
    return entries
  }

  test('has who looked at what, who was refused, and who exported how much, in the order in which it happened', async () => {
    const auditTopic = `${scene.topic}-audit`
    const server = await scene.serve({ auditTopic, exports: true })
    const viewer = await StreamClient.open(server.port, 'levels=error')
    await viewer.told('heartbeat')
    await refusal(server.port, '/logs/stream?levels=loud')
    await exported(server, 'from=1019000&levels=error')
    viewer.close()
    await until(() => server.status().viewers === 0)
    await server.close()
    const entries = await entriesOf(auditTopic)
    expect(entries.map(({ event }) => event)).toEqual(['opened', 'refused', 'export begun', 'exported', 'closed'])
    const [opened, refused, begun, ended, closed] = entries
    expect(opened).toMatchObject({ path: '/logs/stream', filter: { levels: ['error'] }, start: 'live' })
    expect(refused).toMatchObject({ status: 400, reason: expect.stringContaining('levels') })
    expect(ended).toMatchObject({ id: begun?.id, lines: 100, complete: true, format: 'ndjson' })
    expect(closed).toMatchObject({ id: opened?.id, shown: 0 })
    expect(server.status().auditEntriesLost).toBe(0)
  })

  test('that cannot be written to lets nobody look, and is reported at the start', async () => {
    await expect(scene.serve({ auditTopic: 'no such name' })).rejects.toMatchObject({ code: 'AUDIT_FAILED' })
  })
})
