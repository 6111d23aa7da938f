import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { isZstdLoaded } from '../../../../src/kafka/wire/codec/compression-zstd.ts'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { numbered, Rig } from './rig.ts'

requireServer('kafka').describe('zstd', () => {
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

  test('is loaded by the first batch that needs it', async () => {
    const [plain, compressed] = [await rig.topic(), await rig.topic(1, { 'compression.type': 'zstd' })]
    for (const topic of [plain, compressed]) await rig.write(topic, numbered(20), { compression: 'lz4' })
    const loaded: boolean[] = []
    for (const topic of [plain, compressed]) {
      const consumer = rig.consumer()
      consumer.assign([{ topic, partition: 0, offset: 'earliest' }])
      expect((await rig.read(consumer, 20)).map(({ value }) => value)).toEqual(numbered(20))
      loaded.push(isZstdLoaded())
    }
    expect(loaded).toEqual([false, true])
  })
})
