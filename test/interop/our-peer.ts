import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import type { Compression } from '../../src/kafka/port.ts'
import type { PeerMessage, PeerRecord } from '../support/kafkajs-peer.ts'
import { WireClient } from '../support/wire-client.ts'

/** Our own client, told what to do as the peers are. */
export class OurPeer extends WireClient {
  async send(topic: string, messages: readonly PeerMessage[], compression: Compression): Promise<void> {
    const producer = await this.producer([topic], { compression })
    const count = producer.partitionCount(topic) ?? 1
    for (const { key, value, timestampMs = Date.now(), headers = {} } of messages) {
      const bytes = key === null ? null : Buffer.from(key)
      const list = Object.entries(headers).map(([name, text]) => ({ key: name, value: Buffer.from(text as Buffer) }))
      const partition = bytes === null ? -1 : partitionOfKey(bytes, count)
      producer.send(topic, partition, bytes, value === null ? null : Buffer.from(value), timestampMs, list)
    }
    await producer.close(60_000)
  }

  async read(topic: string, partitions: number, count: number): Promise<readonly PeerRecord[]> {
    const consumer = this.consumer()
    consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 'earliest' })))
    const records: PeerRecord[] = []
    const copy = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes))
    for (const deadlineMs = performance.now() + 60_000; records.length < count; ) {
      if (performance.now() > deadlineMs) throw new Error(`${records.length} of ${count} records after 60 s`)
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
}
