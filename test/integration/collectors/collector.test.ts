import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Collector, startCollector } from '../../../src/collectors/index.ts'
import { silentLogger } from '../../../src/index.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { WireClient } from '../../support/wire-client.ts'
import { TestAuthority } from '../kafka/wire/certificates.ts'
import { TopicReader } from './topic-reader.ts'

const limitMs = 60_000
const folder = mkdtempSync(join(tmpdir(), 'millrace-collector-'))
const textOf = (file: string) => readFileSync(file, 'utf8')

requireServer('kafka').describe('a collector on a real Kafka', () => {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let client: WireClient
  let authority: TestAuthority
  const collectors: Collector[] = []

  beforeAll(async () => {
    kafka = await sharedKafka()
    client = new WireClient(kafka.bootstrap)
    authority = new TestAuthority(folder, 'authority')
  }, 120_000)

  afterAll(async () => {
    for (const collector of collectors) await collector.close()
    await client?.close()
    await kafka?.stop()
    rmSync(folder, { recursive: true })
  })

  test(
    'has stored what it answers for, of many senders together',
    async () => {
      const topic = await client.topic(3)
      const collector = await startCollector(client.driver, { topic, http: { port: 0 }, logger: silentLogger })
      collectors.push(collector)
      const lines = (sender: number) =>
        Array.from({ length: 200 }, (_, index) => `{"sender":${sender},"line":${index}}`)
      const send = async (sender: number): Promise<unknown> => {
        const response = await fetch(`http://127.0.0.1:${collector.ports.http}/ingest`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: lines(sender).join('\n'),
        })
        return response.json()
      }
      const answers = await Promise.all(Array.from({ length: 20 }, (_, sender) => send(sender)))
      expect(answers).toEqual(answers.map(() => ({ ok: true, accepted: 200, refused: 0 })))
      const reader = new TopicReader(client, topic, 3)
      await reader.until((values) => values.length >= 4000)
      await reader.close()
      expect(reader.values.toSorted()).toEqual(
        Array.from({ length: 20 }, (_, sender) => lines(sender))
          .flat()
          .toSorted(),
      )
    },
    limitMs,
  )

  test(
    'learns from the topic how large a record may be',
    async () => {
      const topic = await client.topic(1, { 'max.message.bytes': '2000' })
      const collector = await startCollector(client.driver, { topic, http: { port: 0 }, logger: silentLogger })
      collectors.push(collector)
      const letters = Array.from({ length: 5000 }, (_, index) =>
        String.fromCharCode(0x4e00 + ((index * 7919) % 20_000)),
      )
      const send = (body: string) =>
        fetch(`http://127.0.0.1:${collector.ports.http}/ingest`, {
          method: 'POST',
          headers: { 'content-type': 'text/plain' },
          body,
        })
      expect((await send(letters.join(''))).status).toBe(503)
      const again = await send(`${letters.join('')}\nsmall`)
      expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ accepted: 1, refused: 1 })])
    },
    limitMs,
  )

  test(
    'takes syslog over TLS from those who show a certificate, and from nobody else',
    async () => {
      const topic = await client.topic(1)
      const server = authority.issue('server', 'IP:127.0.0.1')
      const device = authority.issue('device', 'DNS:device')
      const ca = textOf(authority.certificateFile)
      const tls = { cert: textOf(server.certificate), key: textOf(server.key), ca }
      const options = { topic, syslogTcp: { port: 0, tls }, logger: silentLogger }
      const collector = await startCollector(client.driver, options)
      collectors.push(collector)
      const send = (message: string, own: { cert?: string; key?: string }): Promise<void> =>
        new Promise((resolve) => {
          const port = collector.ports.syslogTcp ?? 0
          const socket = connect({ host: '127.0.0.1', port, ca, ...own }, () => socket.end(message))
          socket.on('error', () => resolve())
          socket.on('close', () => resolve())
          socket.resume()
        })
      await send('<34>of a stranger\n', {})
      await send('<34>of a device\n', { cert: textOf(device.certificate), key: textOf(device.key) })
      const reader = new TopicReader(client, topic)
      await reader.until((values) => values.length > 0)
      await reader.close()
      expect(reader.values).toEqual(['<34>of a device'])
    },
    limitMs,
  )
})
