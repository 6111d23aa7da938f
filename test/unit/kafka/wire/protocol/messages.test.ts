import { describe, expect, test } from '@jest/globals'
import { negotiateVersion } from '../../../../../src/kafka/wire/protocol/api.ts'
import {
  decodeApiVersionsResponse,
  encodeApiVersionsRequest,
} from '../../../../../src/kafka/wire/protocol/generated/api-versions.ts'
import {
  decodeConsumerProtocolSubscription,
  encodeConsumerProtocolSubscription,
} from '../../../../../src/kafka/wire/protocol/generated/consumer-protocol-subscription.ts'
import {
  decodeFetchResponse,
  encodeFetchRequest,
  fetchApi,
} from '../../../../../src/kafka/wire/protocol/generated/fetch.ts'
import { encodeJoinGroupRequest, joinGroupApi } from '../../../../../src/kafka/wire/protocol/generated/join-group.ts'
import { encodeListOffsetsRequest } from '../../../../../src/kafka/wire/protocol/generated/list-offsets.ts'
import { decodeMetadataResponse } from '../../../../../src/kafka/wire/protocol/generated/metadata.ts'
import { encodeOffsetCommitRequest } from '../../../../../src/kafka/wire/protocol/generated/offset-commit.ts'
import { encodeProduceRequest } from '../../../../../src/kafka/wire/protocol/generated/produce.ts'
import { encodeSaslHandshakeRequest } from '../../../../../src/kafka/wire/protocol/generated/sasl-handshake.ts'
import { encodeRequest } from '../../../../../src/kafka/wire/protocol/header.ts'
import { Reader } from '../../../../../src/kafka/wire/protocol/reader.ts'
import { Writer } from '../../../../../src/kafka/wire/protocol/writer.ts'
import { golden, goldenMessages } from './golden-messages.ts'

type Encode<Request> = (writer: Writer, version: number, request: Request) => void

function hexOf<Request>(encode: Encode<Request>, version: number, request: Request): string {
  const writer = new Writer()
  encode(writer, version, request)
  return writer.finish().toString('hex')
}

const topicId = 'AQIDBAUGBwgJCgsMDQ4PEA'

describe('requests have the bytes of the Java client', () => {
  test('ApiVersions', () => {
    const request = { clientSoftwareName: 'millrace', clientSoftwareVersion: '0.1.0' }
    expect(hexOf(encodeApiVersionsRequest, 3, request)).toBe(goldenMessages['ApiVersionsRequest 3'])
  })

  test('Fetch, with a session and forgotten topics', () => {
    const partition = { partition: 2, currentLeaderEpoch: 4, fetchOffset: 5_000_000_000, partitionMaxBytes: 77 }
    const request = {
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 1,
      sessionId: 9,
      sessionEpoch: 3,
      topics: [{ topicId, partitions: [partition] }],
      forgottenTopicsData: [{ topicId, partitions: [1, 2] }],
      rackId: 'r1',
    }
    expect(hexOf(encodeFetchRequest, 17, request)).toBe(goldenMessages['FetchRequest 17'])
  })

  test('JoinGroup of a static member', () => {
    const request = {
      groupId: 'g',
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 60_000,
      memberId: '',
      groupInstanceId: 'i-1',
      protocolType: 'consumer',
      protocols: [{ name: 'p', metadata: new Uint8Array([0, 1]) }],
      reason: 'first join',
    }
    expect(hexOf(encodeJoinGroupRequest, 9, request)).toBe(goldenMessages['JoinGroupRequest 9'])
  })

  test('OffsetCommit with text beyond ASCII', () => {
    const partitions = [{ partitionIndex: 1, committedOffset: 42, committedMetadata: 'héllo' }]
    const request = { groupId: 'g', generationIdOrMemberEpoch: 3, memberId: 'm', topics: [{ name: 't', partitions }] }
    expect(hexOf(encodeOffsetCommitRequest, 9, request)).toBe(goldenMessages['OffsetCommitRequest 9'])
  })

  test('Produce with records', () => {
    const partitionData = [{ index: 3, records: new Uint8Array([1, 2, 3]) }]
    const request = { transactionalId: null, acks: -1, timeoutMs: 30_000, topicData: [{ name: 't', partitionData }] }
    expect(hexOf(encodeProduceRequest, 12, request)).toBe(goldenMessages['ProduceRequest 12'])
  })

  test('ListOffsets, before it had a timeout', () => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: 2, timestamp: -2 }]
    const request = { replicaId: -1, isolationLevel: 1, topics: [{ name: 't', partitions }] }
    expect(hexOf(encodeListOffsetsRequest, 7, request)).toBe(goldenMessages['ListOffsetsRequest 7'])
  })

  test('SaslHandshake, in the old layout without tagged fields', () => {
    expect(hexOf(encodeSaslHandshakeRequest, 1, { mechanism: 'SCRAM-SHA-256' })).toBe(
      goldenMessages['SaslHandshakeRequest 1'],
    )
  })

  test('the header before them', () => {
    const api = {
      key: 18,
      name: 'X',
      minVersion: 3,
      maxVersion: 3,
      flexibleVersion: 3,
      encode: () => {},
      decode: () => {},
    }
    const frame = Buffer.concat(encodeRequest(api, 3, 7, 'me', undefined))
    expect(frame.readInt32BE(0)).toBe(frame.length - 4)
    expect(frame.subarray(4).toString('hex')).toBe(goldenMessages['RequestHeader 2'])
  })
})

describe('responses of the Java code are understood', () => {
  test('ApiVersions, with a finalised feature in a tagged field', () => {
    const response = decodeApiVersionsResponse(new Reader(golden('ApiVersionsResponse 3')), 3)
    expect(response.apiKeys).toEqual([{ apiKey: 1, minVersion: 4, maxVersion: 18 }])
    expect(response.finalizedFeatures).toEqual([
      { name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 },
    ])
    expect(response.finalizedFeaturesEpoch).toBe(5)
  })

  test('Fetch, with a new leader, an aborted transaction and its records as a view', () => {
    const frame = golden('FetchResponse 17')
    const response = decodeFetchResponse(new Reader(frame), 17)
    const [partition] = response.responses[0]?.partitions ?? []
    expect(response.responses[0]?.topicId).toBe(topicId)
    expect(partition).toMatchObject({
      partitionIndex: 2,
      errorCode: 6,
      highWatermark: 10,
      lastStableOffset: 8,
      currentLeader: { leaderId: 3, leaderEpoch: 12 },
      divergingEpoch: { epoch: -1, endOffset: -1 },
      abortedTransactions: [{ producerId: 4000, firstOffset: 6 }],
    })
    expect([...(partition?.records ?? [])]).toEqual([1, 2, 3])
    expect(partition?.records?.buffer).toBe(frame.buffer)
    expect(response.nodeEndpoints).toEqual([{ nodeId: 3, host: 'h', port: 9092, rack: null }])
  })

  test('Metadata', () => {
    const response = decodeMetadataResponse(new Reader(golden('MetadataResponse 13')), 13)
    expect(response.brokers).toEqual([{ nodeId: 1, host: 'localhost', port: 9092, rack: 'r1' }])
    expect(response.topics[0]).toMatchObject({
      name: 't',
      topicId,
      partitions: [{ leaderId: 1, leaderEpoch: 7, replicaNodes: [1, 2], isrNodes: [1], offlineReplicas: [2] }],
    })
  })

  test.each([
    ['FetchResponse 17', (frame: Buffer) => decodeFetchResponse(new Reader(frame), 17)],
    ['MetadataResponse 13', (frame: Buffer) => decodeMetadataResponse(new Reader(frame), 13)],
    ['ApiVersionsResponse 3', (frame: Buffer) => decodeApiVersionsResponse(new Reader(frame), 3)],
  ] as const)('%s cut short at any byte is a protocol violation, never a wrong answer', (name, decode) => {
    const frame = golden(name)
    for (let length = 0; length < frame.length; length++) {
      expect(() => decode(frame.subarray(0, length))).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }))
    }
  })
})

describe('the subscription of a group member', () => {
  test('has the bytes of the Java client and reads back', () => {
    const subscription = {
      topics: ['a', 'b'],
      userData: new Uint8Array([9]),
      ownedPartitions: [],
      generationId: 4,
      rackId: null,
    }
    expect(hexOf(encodeConsumerProtocolSubscription, 3, subscription)).toBe(
      goldenMessages['ConsumerProtocolSubscription 3'],
    )
    const decoded = decodeConsumerProtocolSubscription(new Reader(golden('ConsumerProtocolSubscription 3')), 3)
    expect({ ...decoded, userData: [...(decoded.userData ?? [])] }).toEqual({ ...subscription, userData: [9] })
  })
})

describe('version negotiation', () => {
  test('takes the newest version that both sides speak', () => {
    expect(negotiateVersion(fetchApi, { min: 4, max: 99 }, 'b:1')).toBe(fetchApi.maxVersion)
    expect(negotiateVersion(fetchApi, { min: 4, max: 14 }, 'b:1')).toBe(14)
  })

  test.each([
    ['an old broker', { min: 0, max: 5 }],
    ['a broker that dropped our versions', { min: 50, max: 60 }],
    ['a broker without the request', undefined],
  ])('refuses %s with a sentence that names both ranges', (_, offered) => {
    expect(() => negotiateVersion(joinGroupApi, offered, 'b:1')).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_BROKER',
        message: expect.stringMatching(/7 to 9 of JoinGroup.*3\.1/),
      }),
    )
  })
})
