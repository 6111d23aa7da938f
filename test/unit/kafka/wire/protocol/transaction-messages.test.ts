import { describe, expect, test } from '@jest/globals'
import { addOffsetsToTxnApi } from '../../../../../src/kafka/wire/protocol/generated/add-offsets-to-txn.ts'
import { addPartitionsToTxnApi } from '../../../../../src/kafka/wire/protocol/generated/add-partitions-to-txn.ts'
import { endTxnApi } from '../../../../../src/kafka/wire/protocol/generated/end-txn.ts'
import { initProducerIdApi } from '../../../../../src/kafka/wire/protocol/generated/init-producer-id.ts'
import { txnOffsetCommitApi } from '../../../../../src/kafka/wire/protocol/generated/txn-offset-commit.ts'
import type { Api } from '../../../../../src/kafka/wire/protocol/api.ts'
import { Reader } from '../../../../../src/kafka/wire/protocol/reader.ts'
import { Writer } from '../../../../../src/kafka/wire/protocol/writer.ts'
import { golden, goldenMessages } from './golden-messages.ts'

function hexOf<Request>(api: Api<Request, unknown>, version: number, request: Request): string {
  const writer = new Writer()
  api.encode(writer, version, request)
  return writer.finish().toString('hex')
}

const producer = { transactionalId: 't', producerId: 7, producerEpoch: 2 }

describe('requests of a transaction have the bytes of the Java client', () => {
  test('InitProducerId of a producer that raises its epoch', () => {
    const request = { ...producer, transactionTimeoutMs: 10_000 }
    expect(hexOf(initProducerIdApi, 5, request)).toBe(goldenMessages['InitProducerIdRequest 5'])
  })

  test('AddPartitionsToTxn', () => {
    const request = {
      v3AndBelowTransactionalId: 't',
      v3AndBelowProducerId: 7,
      v3AndBelowProducerEpoch: 2,
      v3AndBelowTopics: [{ name: 'a', partitions: [0, 5] }],
    }
    expect(hexOf(addPartitionsToTxnApi, 3, request)).toBe(goldenMessages['AddPartitionsToTxnRequest 3'])
  })

  test('AddOffsetsToTxn', () => {
    const request = { ...producer, groupId: 'g' }
    expect(hexOf(addOffsetsToTxnApi, 4, request)).toBe(goldenMessages['AddOffsetsToTxnRequest 4'])
  })

  test('TxnOffsetCommit of a static member', () => {
    const partition = { partitionIndex: 1, committedOffset: 42, committedLeaderEpoch: 3, committedMetadata: 'x' }
    const member = { groupId: 'g', generationId: 9, memberId: 'm', groupInstanceId: 'i' }
    const request = { ...producer, ...member, topics: [{ name: 'a', partitions: [partition] }] }
    expect(hexOf(txnOffsetCommitApi, 5, request)).toBe(goldenMessages['TxnOffsetCommitRequest 5'])
  })

  test('EndTxn, with an id beyond 32 bits', () => {
    const request = { transactionalId: 't', producerId: 5_000_000_000, producerEpoch: 3, committed: true }
    expect(hexOf(endTxnApi, 5, request)).toBe(goldenMessages['EndTxnRequest 5'])
  })
})

describe('responses of a transaction are understood', () => {
  test('AddPartitionsToTxn, with a partition that was not attempted', () => {
    const response = addPartitionsToTxnApi.decode(new Reader(golden('AddPartitionsToTxnResponse 3')), 3)
    expect(response.resultsByTopicV3AndBelow).toEqual([
      { name: 'a', resultsByPartition: [{ partitionIndex: 5, partitionErrorCode: 55 }] },
    ])
  })

  test('EndTxn, with the next epoch, and of a version that has none', () => {
    const decode = (version: 4 | 5) => endTxnApi.decode(new Reader(golden(`EndTxnResponse ${version}`)), version)
    expect(decode(5)).toMatchObject({ errorCode: 0, producerId: 5_000_000_000, producerEpoch: 4 })
    expect(decode(4)).toMatchObject({ errorCode: 51, producerId: -1, producerEpoch: -1 })
  })
})
