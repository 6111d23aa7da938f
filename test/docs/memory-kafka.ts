import { MemoryCluster, openKafka, type Streams, systemClock } from '../../src/index.ts'

/** A Kafka in this process, with topics of one partition. */
export async function openMemoryKafka(...topics: readonly string[]) {
  const kafka = { driver: 'memory', cluster: new MemoryCluster({ clock: systemClock }) } as const
  const driver = openKafka(kafka)
  const timeoutMs = 30_000
  await driver.admin().createTopics(
    topics.map((name) => ({ name, partitions: 1, replicationFactor: 1, configs: {} })),
    timeoutMs,
  )
  const producer = driver.producer({
    clientId: 'docs',
    acks: 'all',
    idempotent: true,
    compression: 'none',
    lingerMs: 0,
    idleLingerMs: 0,
    batchBytes: 16_384,
    bufferedBytesMax: 65_536,
    maxRequestBytes: 65_536,
    deliveryTimeoutMs: timeoutMs,
    onSendError: () => 'fail',
  })
  await producer.prepareTopics(topics, timeoutMs)
  return {
    kafka,
    async send(topic: string, key: string, value: string): Promise<void> {
      producer.send(topic, 0, Buffer.from(key), Buffer.from(value), 0, [])
      await producer.flush(timeoutMs)
    },
    async close(): Promise<void> {
      await producer.close(timeoutMs)
      await driver.close()
    },
  }
}

/** Resolves when the application has processed so many records. */
export async function processed(streams: Streams, count: number): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + 60_000
  while (streams.application.status().totals.processed < count) {
    if (systemClock.monotonicMs() > deadlineMs) throw new Error(`not ${count} records within 60 s`)
    await systemClock.sleep(5)
  }
}
