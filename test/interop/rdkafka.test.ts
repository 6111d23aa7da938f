import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Compression } from '../../src/kafka/port.ts'
import { sharedKafka } from '../support/kafka-cluster.ts'
import { RdkafkaPeer } from '../support/rdkafka.ts'
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

requireServer('kafka', 'rdkafka').describe('node-rdkafka and millrace', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let ours: OurPeer
  let peer: RdkafkaPeer
  // What node-rdkafka can write: no bytes in headers and no empty values; the last test shows what becomes of them.
  const textMessages = interopMessages('text of a header, é', 1)
  const binaryMessages = interopMessages(binary, 0)

  beforeAll(async () => {
    kafka = await sharedKafka()
    ours = new OurPeer(kafka.bootstrap)
    peer = await RdkafkaPeer.connect(kafka.bootstrap)
  }, 600_000)

  afterAll(async () => {
    await peer?.close()
    await ours?.close()
    await kafka?.stop()
  })

  async function weReadWhatItWrites(codec: Compression): Promise<void> {
    const topic = await ours.topic(partitionCount)
    await peer.send(topic, textMessages, codec)
    const records = await ours.read(topic, partitionCount, recordCount)
    expect(foundByNumber(records)).toEqual(sentByNumber(textMessages))
    expect(numbersInOrder(records)).toBe(true)
  }

  async function itReadsWhatWeWrite(codec: Compression): Promise<void> {
    const topic = await ours.topic(partitionCount)
    await ours.send(topic, binaryMessages, codec)
    const records = await peer.read(topic, partitionCount, recordCount)
    expect(foundByNumber(records)).toEqual(sentByNumber(binaryMessages))
    expect(numbersInOrder(records)).toBe(true)
  }

  describe.each(['none', 'gzip', 'snappy', 'lz4'] as const)('with %s', (codec) => {
    test('we read what it writes', () => weReadWhatItWrites(codec))
    test('it reads what we write, binary headers included', () => itReadsWhatWeWrite(codec))
  })

  test('with zstd both read each other, where librdkafka found its headers; else it refuses to write', async () => {
    if ((await peer.features()).includes('zstd')) {
      await weReadWhatItWrites('zstd')
      await itReadsWhatWeWrite('zstd')
    } else {
      await expect(weReadWhatItWrites('zstd')).rejects.toThrow(/zstd/)
    }
  })

  test('it reads what a streams application made of what it wrote', async () => {
    const [from, to] = [await ours.topic(partitionCount), await ours.topic(partitionCount)]
    await peer.send(from, textMessages, 'lz4')
    let records: Awaited<ReturnType<RdkafkaPeer['read']>> = []
    const isDone = async (): Promise<boolean> => {
      records = await peer.read(to, partitionCount, recordCount)
      return true
    }
    await copyThroughStreams(kafka.bootstrap, from, to, 'snappy', isDone)
    expect(foundByNumber(records)).toEqual(sentByNumber(textMessages))
    expect(numbersInOrder(records)).toBe(true)
  })

  test.each([
    ['the bytes of a header come as text up to their first zero', binary, Buffer.from('\ufffd'), 'v', 'v'],
    ['an empty value comes as null', 'text', Buffer.from('text'), '', null],
  ])('what it spoils when it writes: %s', async (_, header, headerRead, value, valueRead) => {
    const topic = await ours.topic(1)
    await peer.send(topic, [{ key: 'k', value, timestampMs: 1, headers: { more: header } }], 'none')
    const [record] = await ours.read(topic, 1, 1)
    expect(record?.headers.more).toEqual(headerRead)
    expect(record?.value).toEqual(valueRead === null ? null : Buffer.from(valueRead))
  })
})
