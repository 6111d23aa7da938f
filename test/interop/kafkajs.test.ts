import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Compression } from '../../src/kafka/port.ts'
import { sharedKafka } from '../support/kafka-cluster.ts'
import { KafkajsPeer, kafkajsCodecs } from '../support/kafkajs-peer.ts'
import { requireServer } from '../support/require-server.ts'
import {
  binary,
  foundByNumber,
  interopMessages,
  numbersInOrder,
  partitionCount,
  recordCount,
  sentByNumber,
} from './interop-records.ts'
import { OurPeer } from './our-peer.ts'
import { copyThroughStreams } from './through-streams.ts'

const codecs = Object.keys(kafkajsCodecs) as Compression[]

requireServer('kafka').describe('kafkajs and millrace', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let ours: OurPeer
  let peer: KafkajsPeer
  const messages = interopMessages(binary, 0)

  beforeAll(async () => {
    kafka = await sharedKafka()
    ours = new OurPeer(kafka.bootstrap)
    peer = await KafkajsPeer.connect(kafka.bootstrap)
  })

  afterAll(async () => {
    await ours?.close()
    await peer?.close()
    await kafka?.stop()
  })

  describe.each(codecs)('with %s', (codec) => {
    test('we read what it writes', async () => {
      const topic = await ours.topic(partitionCount)
      await peer.send(topic, messages, codec)
      const records = await ours.read(topic, partitionCount, recordCount)
      expect(foundByNumber(records)).toEqual(sentByNumber(messages))
      expect(numbersInOrder(records)).toBe(true)
    })

    test('it reads what we write', async () => {
      const topic = await ours.topic(partitionCount)
      await ours.send(topic, messages, codec)
      const records = await peer.readAll(topic)
      expect(foundByNumber(records)).toEqual(sentByNumber(messages))
      expect(numbersInOrder(records)).toBe(true)
    })
  })

  test('it reads what a streams application made of what it wrote', async () => {
    const [from, to] = [await ours.topic(partitionCount), await ours.topic(partitionCount)]
    await peer.send(from, messages, 'gzip')
    await copyThroughStreams(kafka.bootstrap, from, to, 'zstd', async () => (await peer.count(to)) >= recordCount)
    const records = await peer.readAll(to)
    expect(foundByNumber(records)).toEqual(sentByNumber(messages))
    expect(numbersInOrder(records)).toBe(true)
  })
})
