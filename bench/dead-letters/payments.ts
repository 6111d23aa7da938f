import type { KafkaDriver } from '../../src/index.ts'
import { noHeaders } from '../../src/core/headers.ts'
import { writerDefaults } from '../../src/kafka/writer-defaults.ts'
import { accounts, isBroken } from './topology.ts'

const timeoutMs = 60_000

/** Payments with the numbers from 0; a broken one is cut off in its JSON. */
export async function writePayments(kafka: KafkaDriver, topic: string, count: number): Promise<void> {
  const producer = kafka.producer({ ...writerDefaults, clientId: 'payments' })
  await producer.prepareTopics([topic], timeoutMs)
  const startMs = Date.now()
  for (let number = 0; number < count; number++) {
    const text = JSON.stringify({ id: String(number), account: `account ${number % accounts}` })
    const value = Buffer.from(isBroken(number) ? text.slice(0, -5) : text)
    if (producer.isFull) await producer.drained()
    producer.send(topic, number % 3, Buffer.from(`payment ${number}`), value, startMs + number, noHeaders)
  }
  await producer.flush(timeoutMs)
  await producer.close(timeoutMs)
}
