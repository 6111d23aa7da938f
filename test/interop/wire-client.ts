import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import type { Compression, KafkaDriver } from '../../src/kafka/port.ts'
import { createWireDriver } from '../../src/kafka/wire/driver.ts'
import type { PeerMessage, PeerRecord } from '../support/kafkajs-peer.ts'

/** Our own client, told what to do as the peers are: reads and writes through the wire driver. */
export class WireClient {
  readonly #driver: KafkaDriver
  #topics = 0

  constructor(bootstrap: string) {
    this.#driver = createWireDriver({ bootstrap: bootstrap.split(',') })
  }

  async topic(partitions: number): Promise<string> {
    const name = `interop-${process.pid}-${Date.now()}-${++this.#topics}`
    const configs = { 'retention.ms': '-1' }
    await this.#driver.admin().createTopics([{ name, partitions, replicationFactor: -1, configs }], 30_000)
    return name
  }

  async send(topic: string, messages: readonly PeerMessage[], compression: Compression): Promise<void> {
    const producer = this.#driver.producer({
      clientId: 'interop',
      acks: 'all',
      idempotent: true,
      compression,
      lingerMs: 20,
      batchBytes: 64 * 1024,
      bufferedBytesMax: 16 * 1024 * 1024,
      maxRequestBytes: 1024 * 1024,
      deliveryTimeoutMs: 60_000,
      onSendError: () => 'fail',
    })
    await producer.prepareTopics([topic], 20_000)
    const count = producer.partitionCount(topic) ?? 1
    for (const { key, value, timestampMs = Date.now(), headers = {} } of messages) {
      const bytes = key === null ? null : Buffer.from(key)
      const list = Object.entries(headers).map(([name, text]) => ({ key: name, value: Buffer.from(text as Buffer) }))
      const partition = bytes === null ? -1 : partitionOfKey(bytes, count)
      producer.send(topic, partition, timestampMs, bytes, value === null ? null : Buffer.from(value), list)
    }
    await producer.close(30_000)
  }

  async read(topic: string, partitions: number, count: number): Promise<readonly PeerRecord[]> {
    const consumer = this.#driver.consumer({
      clientId: 'interop',
      isolationLevel: 'read_committed',
      offsetReset: () => 'earliest',
      fetchMinBytes: 1,
      fetchMaxBytes: 8 * 1024 * 1024,
      partitionFetchMaxBytes: 1024 * 1024,
      fetchMaxWaitMs: 200,
      bufferedBytesMax: 32 * 1024 * 1024,
    })
    consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 'earliest' })))
    const records: PeerRecord[] = []
    const copy = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes))
    for (const deadlineMs = performance.now() + 30_000; records.length < count; ) {
      if (performance.now() > deadlineMs) throw new Error(`${records.length} of ${count} records after 30 s`)
      for (const batch of await consumer.poll(200)) {
        for (let index = 0; index < batch.count; index++) {
          records.push({
            partition: batch.partition,
            offset: batch.offset(index),
            timestampMs: batch.timestamp(index),
            key: copy(batch.key(index)),
            value: copy(batch.value(index)),
            headers: Object.fromEntries(batch.headers(index).map(({ key, value }) => [key, copy(value) as Buffer])),
          })
        }
      }
    }
    await consumer.close()
    return records
  }

  close(): Promise<void> {
    return this.#driver.close()
  }
}
