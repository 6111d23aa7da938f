import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { RecordBatchWriter, stampBatch } from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { commitAnswer, coordinatorAnswer, emptyFetchAnswer, recordsAnswer } from '../../../../support/mock-answers.ts'
import { apiKeys, type MockAnswer, MockBroker } from '../../../../support/mock-broker.ts'
import { until } from '../../../../support/until.ts'
import { WireClient } from '../../../../support/wire-client.ts'

let broker: MockBroker
let client: WireClient

beforeEach(async () => {
  broker = await MockBroker.start()
  broker.topics = [{ name: 'logs', partitions: [{ leader: 1 }] }]
  broker.on(apiKeys.findCoordinator, () => coordinatorAnswer('group', broker))
  client = new WireClient(broker.address, { requestTimeoutMs: 1_500 })
})

afterEach(async () => {
  await client.close()
  await broker.stop()
})

/** A ListOffsets answer, version 7, that names no partition. */
const noOffsets: MockAnswer = (writer) => {
  writer.int32(0)
  writer.uvarint(1)
  writer.uvarint(0)
}

/** An OffsetFetch answer, version 8, that names no partition of the group. */
const noCommitted: MockAnswer = (writer) => {
  writer.int32(0)
  writer.uvarint(2)
  writer.compactString('group')
  writer.uvarint(1)
  writer.int16(0)
  writer.uvarint(0)
  writer.uvarint(0)
}

function batch(): Buffer {
  const writer = new RecordBatchWriter()
  writer.append(null, Buffer.alloc(100), 1, [])
  const bytes = writer.seal('none')
  stampBatch(bytes, -1, -1, -1)
  return bytes
}

const place = { topic: 'logs', partition: 0 }
const group = { groupId: 'group', generation: -1, memberId: '', instanceId: undefined }

describe('a broker whose answers are not what was asked for', () => {
  test.each([5, 60, 90])(
    '%d bytes in which no batch is whole are told as damage, and not asked for again and again',
    async (length) => {
      broker.on(apiKeys.fetch, () => recordsAnswer(batch().subarray(0, length)))
      const consumer = client.consumer()
      consumer.assign([{ ...place, offset: 0 }])
      await expect(consumer.poll(5_000)).rejects.toMatchObject({ code: 'CORRUPT_BATCH' })
      expect(broker.requestsOf(apiKeys.fetch)).toBe(1)
    },
  )

  test.each([0, 70, 71])(
    'fetches that are answered at once without records (error %d) are sent at growing distances',
    async (errorCode) => {
      broker.on(apiKeys.fetch, () => emptyFetchAnswer(errorCode))
      const consumer = client.consumer()
      consumer.assign([{ ...place, offset: 0 }])
      await consumer.poll(1_000)
      expect(broker.requestsOf(apiKeys.fetch)).toBeLessThan(20)
    },
  )

  test('records that come after many empty answers are read', async () => {
    broker.on(apiKeys.fetch, () =>
      broker.requestsOf(apiKeys.fetch) === 14 ? recordsAnswer(batch()) : emptyFetchAnswer(),
    )
    const consumer = client.consumer()
    consumer.assign([{ ...place, offset: 0 }])
    let records = 0
    await until(async () => (records += (await consumer.poll(100)).length) > 0, 5_000, 'a batch')
  })

  test('the start of a partition that is left out of the answer is asked for at growing distances', async () => {
    broker.on(apiKeys.listOffsets, () => noOffsets)
    const consumer = client.consumer()
    consumer.assign([{ ...place, offset: 'earliest' }])
    await consumer.poll(1_000)
    expect(broker.requestsOf(apiKeys.listOffsets)).toBeGreaterThan(1)
    expect(broker.requestsOf(apiKeys.listOffsets)).toBeLessThan(20)
  })

  test('a partition whose committed offset is left out is not taken for one without an offset', async () => {
    broker.offered.set(apiKeys.offsetFetch, 8)
    broker.on(apiKeys.offsetFetch, () => noCommitted)
    await expect(client.consumer().committed('group', [place])).rejects.toMatchObject({ code: 'UNANSWERED' })
  })

  test('a commit whose answer leaves the partition out does not count', async () => {
    broker.on(apiKeys.offsetCommit, () => commitAnswer('others'))
    const commit = client.consumer().commit([{ ...place, offset: 1, metadata: '' }], group, 500)
    await expect(commit).rejects.toMatchObject({ code: 'UNANSWERED' })
  })

  test('an address that cannot be connected to is not the end: metadata may give a better one', async () => {
    const { port } = broker
    let answers = 0
    broker.on(apiKeys.metadata, () => {
      const answer = broker.metadataAnswer()
      const isWrong = ++answers === 1
      return (writer, request) => {
        broker.port = isWrong ? 70_000 : port
        answer(writer, request)
        broker.port = port
      }
    })
    broker.on(apiKeys.fetch, () => emptyFetchAnswer())
    const consumer = client.consumer()
    consumer.assign([{ ...place, offset: 0 }])
    await until(async () => (await consumer.poll(50)) && broker.requestsOf(apiKeys.fetch) > 0, 5_000, 'a fetch')
  })
})
