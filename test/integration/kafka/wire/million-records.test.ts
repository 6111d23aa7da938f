import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { Rig } from './rig.ts'

let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
let rig: Rig

beforeAll(async () => {
  kafka = await sharedKafka()
  rig = new Rig(kafka.bootstrap)
})

afterAll(async () => {
  await rig?.close()
  await kafka?.stop()
})

requireServer('kafka').describe('the wire driver on a real broker', () => {
  test('a million records come back once, each partition in its order', async () => {
    const topic = await rig.topic(6)
    const producer = await rig.producer([topic])
    const value = Buffer.alloc(100, 'x')
    for (let index = 0; index < 1_000_000; index++) {
      if (producer.isFull) await producer.drained()
      value.writeUInt32BE(index, 0)
      producer.send(topic, index % 6, null, value, Date.now(), [])
    }
    await producer.close(60_000)
    const consumer = rig.consumer()
    consumer.assign([0, 1, 2, 3, 4, 5].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
    const next = [0, 1, 2, 3, 4, 5]
    for (let count = 0; count < 1_000_000; ) {
      for (const batch of await consumer.poll(1000)) {
        for (let index = 0; index < batch.count; index++) {
          const number = (batch.value(index) as Buffer).readUInt32BE(0)
          if (number !== next[batch.partition]) throw new Error(`${number} came instead of ${next[batch.partition]}`)
          next[batch.partition] = number + 6
        }
        count += batch.count
      }
    }
    expect(next.map((number) => number - 6).sort()).toEqual([999_994, 999_995, 999_996, 999_997, 999_998, 999_999])
    await consumer.close()
  })
})
