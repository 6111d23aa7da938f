import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { alertedJson } from './alerted-json.ts'
import { argument, told } from './arguments.ts'

/**
 * Job A with node-rdkafka, until standard input ends: batches of the consumer (`consume(n)`), the buffer of the producer,
 * offsets after all deliveries. node-rdkafka has types of its own only where it is installed, so what is used of it is
 * described here.
 */
interface Message {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestamp: number
}
interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}
interface Client {
  connect(options: object, done: (error: Error | null) => void): void
  disconnect(done: () => void): void
  on(event: 'event.error', heard: (error: Error) => void): void
}
interface Consumer extends Client {
  subscribe(topics: readonly string[]): void
  consume(count: number, done: (error: Error | null, messages: readonly Message[]) => void): void
  commitSync(places: readonly Place[]): void
}
interface Producer extends Client {
  setPollInterval(ms: number): void
  poll(): void
  produce(topic: string, partition: number, value: Buffer, key: Buffer | null, timestamp: number): void
  flush(timeoutMs: number, done: (error: Error | null) => void): void
}
interface Library {
  readonly KafkaConsumer: new (global: object, topic: object) => Consumer
  readonly Producer: new (global: object, topic: object) => Producer
}

const queueFull = -184
const { KafkaConsumer, Producer } = createRequire(`${argument('library')}/package.json`)('node-rdkafka') as Library
const application = argument('application')
const output = `${application}-out`
const bootstrap = { 'metadata.broker.list': argument('bootstrap') }
const producer = new Producer(
  { ...bootstrap, 'enable.idempotence': true, 'compression.codec': 'lz4' },
  { partitioner: 'murmur2_random' },
)
const consumer = new KafkaConsumer(
  { ...bootstrap, 'group.id': application, 'enable.auto.commit': false },
  { 'auto.offset.reset': 'earliest' },
)
await Promise.all([producer, consumer].map(connected))
producer.setPollInterval(20)
consumer.subscribe([argument('input')])

let isOver = false
process.stdin.on('end', () => {
  isOver = true
})
process.stdin.resume()

const commitMs = Number(argument('commitMs'))
const next = new Map<number, Place>()
let isSeen = false
let committedMs = performance.now()
while (!isOver) {
  for (const { topic, partition, offset, key, value, timestamp } of await consumed(1000)) {
    if (!isSeen) told('FIRST')
    isSeen = true
    const alerted = value === null ? undefined : alertedJson(value)
    if (alerted !== undefined) await produced(key, alerted, timestamp)
    next.set(partition, { topic, partition, offset: offset + 1 })
  }
  if (performance.now() - committedMs < commitMs) continue
  await flushed()
  if (next.size > 0) consumer.commitSync([...next.values()])
  next.clear()
  committedMs = performance.now()
}
await Promise.all([producer, consumer].map((client) => new Promise<void>((resolve) => client.disconnect(resolve))))
process.exit(0)

function connected(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on('event.error', reject)
    client.connect({ timeout: 20_000 }, (error) => (error ? reject(error) : resolve()))
  })
}

function consumed(count: number): Promise<readonly Message[]> {
  return new Promise((resolve, reject) =>
    consumer.consume(count, (error, messages) => (error ? reject(error) : resolve(messages))),
  )
}

function flushed(): Promise<void> {
  return new Promise((resolve, reject) => producer.flush(60_000, (error) => (error ? reject(error) : resolve())))
}

/** The queue of the producer is bounded, and an error says that it is full: then deliveries are polled, and it is tried again. */
async function produced(key: Buffer | null, value: Buffer, timestamp: number): Promise<void> {
  for (;;) {
    try {
      producer.produce(output, -1, value, key, timestamp)
      return
    } catch (error) {
      if ((error as { code?: number }).code !== queueFull) throw error
      producer.poll()
      await sleep(1)
    }
  }
}
