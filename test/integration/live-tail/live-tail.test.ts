import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/index.ts'
import { type LiveTailServer, startLiveTail } from '../../../src/live-tail/index.ts'
import type { Producer } from '../../../src/kafka/port.ts'
import { type KafkaCluster, sharedKafka } from '../../support/kafka-cluster.ts'
import { until } from '../../support/until.ts'
import { WireClient } from '../../support/wire-client.ts'
import { StreamClient } from '../../unit/live-tail/stream-client.ts'

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let client: WireClient
let producer: Producer
let topic: string
const servers: LiveTailServer[] = []

beforeAll(async () => {
  kafka = await sharedKafka()
  client = new WireClient(kafka.bootstrap)
  topic = await client.topic(3)
  producer = await client.producer([topic])
}, 120_000)

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await client?.close()
  await kafka?.stop()
})

async function serve(): Promise<number> {
  const options = { topics: [topic], port: 0, logger: silentLogger, ringBytesMax: 2000 }
  const server = await startLiveTail(client.driver, options)
  servers.push(server)
  return server.port
}

async function write(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    const log = Buffer.from(JSON.stringify({ level: number % 2 === 0 ? 'info' : 'error', message: `line ${number}` }))
    producer.send(topic, number % 3, null, log, 1_000_000 + number, [])
  }
  await producer.flush(30_000)
}

const numbers = (messages: readonly unknown[]) =>
  messages.map((message) => Number(String(message).split(' ')[1])).toSorted((left, right) => left - right)

test('a viewer of a real broker gets every line once, from the past to the present, across processes', async () => {
  await write(0, 300)
  const [one, other] = [await serve(), await serve()]
  const first = await StreamClient.open(one, 'levels=error&from=1000100')
  await write(300, 400)
  await first.received(50)
  first.close()
  const [had, place] = [first.messages, first.place]
  await write(400, 600)
  const second = await StreamClient.open(other, 'levels=error', { 'last-event-id': place })
  await write(600, 700)
  await until(() => had.length + second.lines.length >= 300)
  second.close()
  const wanted = Array.from({ length: 300 }, (_, index) => 101 + 2 * index)
  expect(numbers([...had, ...second.messages])).toEqual(wanted)
}, 120_000)
