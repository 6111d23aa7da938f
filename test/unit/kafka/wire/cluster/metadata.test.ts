import { describe, expect, test } from '@jest/globals'
import { Metadata } from '../../../../../src/kafka/wire/cluster/metadata.ts'
import type { MetadataResponse } from '../../../../../src/kafka/wire/protocol/generated/metadata.ts'

interface TopicAnswer {
  readonly topicId?: string
  readonly errorCode?: number
  /** Leader and epoch of each partition. */
  readonly leaders?: readonly (readonly [leaderId: number, leaderEpoch: number])[]
}

function answer(topics: Readonly<Record<string, TopicAnswer>>): MetadataResponse {
  return {
    throttleTimeMs: 0,
    brokers: [1, 2].map((nodeId) => ({ nodeId, host: `h${nodeId}`, port: 9092, rack: null })),
    clusterId: 'c',
    controllerId: 1,
    errorCode: 0,
    topics: Object.entries(topics).map(([name, { topicId = 'id-1', errorCode = 0, leaders = [] }]) => ({
      errorCode,
      name,
      topicId,
      isInternal: false,
      topicAuthorizedOperations: 0,
      partitions: leaders.map(([leaderId, leaderEpoch], partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId,
        leaderEpoch,
        replicaNodes: [1, 2],
        isrNodes: [1, 2],
        offlineReplicas: [],
      })),
    })),
  }
}

const wanted = new Set(['t'])
const leaderIn = (metadata: Metadata) => metadata.topic('t')?.partitions[0]?.leaderId

describe('metadata', () => {
  test('keeps the newer leader when a broker that lags behind answers', () => {
    const known = Metadata.empty.apply(answer({ t: { leaders: [[1, 5]] } }), wanted)
    expect(leaderIn(known.apply(answer({ t: { leaders: [[2, 4]] } }), wanted))).toBe(1)
    expect(leaderIn(known.apply(answer({ t: { leaders: [[2, 6]] } }), wanted))).toBe(2)
  })

  test('metadata starts again for a topic that was deleted and created again', () => {
    const known = Metadata.empty.apply(answer({ t: { leaders: [[1, 5]] } }), wanted)
    const after = known.apply(answer({ t: { topicId: 'id-2', leaders: [[2, 0]] } }), wanted)
    expect(leaderIn(after)).toBe(2)
    expect([after.topicName('id-1'), after.topicName('id-2')]).toEqual([undefined, 't'])
  })

  test.each([
    ['without its second partition', (partitions: readonly unknown[]) => [partitions[0], partitions[2]]],
    ['with one partition twice', (partitions: readonly unknown[]) => [partitions[0], partitions[1], partitions[1]]],
    ['without partitions', () => []],
  ])('metadata of a topic %s is not accepted: keys would go to other partitions', (_, some) => {
    const leaders = [1, 2, 1].map((leaderId) => [leaderId, 5] as const)
    const whole = answer({ t: { leaders } })
    const [topic] = whole.topics
    const partial = { ...whole, topics: [{ ...topic, partitions: some(topic!.partitions) }] } as MetadataResponse
    const first = Metadata.empty.apply(partial, wanted)
    expect([first.topic('t'), first.topicErrors.get('t')]).toEqual([undefined, 5])
    const later = Metadata.empty.apply(whole, wanted).apply(partial, wanted)
    expect([later.topic('t')?.partitions.length, later.topicErrors.get('t')]).toEqual([3, 5])
    expect(later.apply(whole, wanted).topicErrors.size).toBe(0)
  })

  test('keeps a topic over a passing error and drops one that is gone', () => {
    const known = Metadata.empty.apply(answer({ t: { leaders: [[1, 5]] } }), wanted)
    const passing = known.apply(answer({ t: { errorCode: 5 } }), wanted)
    expect([leaderIn(passing), passing.topicErrors.get('t')]).toEqual([1, 5])
    const gone = known.apply(answer({ t: { errorCode: 3 } }), wanted)
    expect([leaderIn(gone), gone.topicErrors.get('t')]).toEqual([undefined, 3])
  })

  test('learns a leader that a broker named, unless it knew a newer one', () => {
    const known = Metadata.empty.apply(answer({ t: { leaders: [[1, 5]] } }), wanted)
    expect(leaderIn(known.withLeader('t', 0, 2, 6))).toBe(2)
    expect(known.withLeader('t', 0, 2, 5)).toBe(known)
    expect(known.withLeader('other', 0, 2, 9)).toBe(known)
  })

  test('forgets topics that nobody wants', () => {
    const known = Metadata.empty.apply(answer({ t: { leaders: [[1, 5]] } }), wanted)
    expect(known.apply(answer({}), new Set()).topic('t')).toBeUndefined()
  })
})
