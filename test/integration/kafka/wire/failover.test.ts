import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { numbered, poll, Rig } from './rig.ts'

let kafka: KafkaCluster
let rig: Rig

beforeAll(async () => {
  kafka = await startKafka({ nodes: 3 })
  rig = new Rig(kafka.bootstrap)
})

afterEach(() => rig.closeConsumers())

afterAll(async () => {
  await rig?.close()
  await kafka?.stop()
})

requireServer('kafka').describe('the leader of partitions', () => {
  test('is killed while we write and read: every record arrives once, in order', async () => {
    const topic = await rig.topic(3)
    const producer = await rig.producer([topic], { batchBytes: 4_000, lingerMs: 2 })
    const consumer = rig.consumer()
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
    const seen: string[][] = [[], [], []]
    const readOn = async (): Promise<void> => {
      for (const { partition, value } of await poll(consumer, 20)) seen[partition]!.push(value as string)
    }
    const victim = (await rig.leaders(topic))[0] as number
    const killed: Promise<void>[] = []
    const count = 30_000
    for (let index = 0; index < count; index++) {
      if (index === count / 3) killed.push(kafka.kill(victim))
      producer.send(topic, index % 3, null, Buffer.from(`v${index}`), Date.now(), [])
      if (index % 300 === 0) await readOn()
    }
    await producer.flush(60_000)
    await Promise.all(killed)
    const endMs = Date.now() + 60_000
    while (seen.flat().length < count && Date.now() < endMs) await readOn()
    for (const partition of [0, 1, 2]) {
      expect(seen[partition]).toEqual(numbered(count).filter((_, index) => index % 3 === partition))
    }
    expect(await rig.endOffsets(topic, 3)).toEqual([count / 3, count / 3, count / 3])
    expect(rig.failures).toEqual([])
    await producer.close(60_000)
    await kafka.restart(victim)
  })

  test('moves because its broker ended: the reader follows without an error and without a storm of requests', async () => {
    const topic = await rig.topic(6)
    const consumer = rig.consumer()
    consumer.assign(Array.from({ length: 6 }, (_, partition) => ({ topic, partition, offset: 'earliest' as const })))
    for (let partition = 0; partition < 6; partition++) await rig.write(topic, ['before'], {}, partition)
    expect(await rig.read(consumer, 6)).toHaveLength(6)
    const victim = (await rig.leaders(topic))[0] as number
    await kafka.kill(victim)
    for (let partition = 0; partition < 6; partition++) await rig.write(topic, ['after'], {}, partition)
    const records = await rig.read(consumer, 6)
    expect(records.map(({ value }) => value)).toEqual(new Array(6).fill('after'))
    await kafka.restart(victim)
  })

  test('the leader comes back and leads again: reading and writing continue', async () => {
    const topic = await rig.topic(3)
    const producer = await rig.producer([topic], { lingerMs: 2 })
    const consumer = rig.consumer()
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition, offset: 'earliest' as const })))
    let sent = 0
    const received: number[] = [0, 0, 0]
    for (const node of [1, 2]) {
      const restarted = kafka.kill(node).then(() => kafka.restart(node))
      let isRestarted = false
      void restarted.then(() => (isRestarted = true))
      while (!isRestarted) {
        for (let index = 0; index < 30; index++, sent++)
          producer.send(topic, sent % 3, null, Buffer.from(`${sent}`), Date.now(), [])
        for (const { partition, value } of await poll(consumer, 50)) {
          expect(Number(value)).toBe(received[partition]! * 3 + partition)
          received[partition]!++
        }
      }
      await restarted
    }
    await producer.flush(60_000)
    const endMs = Date.now() + 60_000
    while (received[0]! + received[1]! + received[2]! < sent && Date.now() < endMs) {
      for (const { partition } of await poll(consumer, 50)) received[partition]!++
    }
    expect(received[0]! + received[1]! + received[2]!).toBe(sent)
    await producer.close(60_000)
  })
})
