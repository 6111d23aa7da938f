import { describe, expect, test } from '@jest/globals'
import { FetchSession, type WantedPartition } from '../../../../../src/kafka/wire/consumer/fetch-session.ts'

const wanted = (partition: number, fetchOffset: number, topicId = 'one'): WantedPartition => ({
  topicId,
  partition,
  currentLeaderEpoch: 1,
  fetchOffset,
  lastFetchedEpoch: -1,
  partitionMaxBytes: 100,
})

function shape(session: FetchSession, partitions: readonly WantedPartition[]) {
  const { sessionId, sessionEpoch, topics, forgottenTopicsData } = session.next(partitions)
  const named = topics.flatMap(({ topicId, partitions: list }) =>
    list.map((each) => `${topicId}-${each.partition}@${each.fetchOffset}`),
  )
  const forgotten = forgottenTopicsData.flatMap(({ topicId, partitions: list }) =>
    list.map((each) => `${topicId}-${each}`),
  )
  return { id: sessionId, epoch: sessionEpoch, named, forgotten }
}

describe('a fetch session', () => {
  test('names all partitions first, then only what changed', () => {
    const session = new FetchSession()
    expect(shape(session, [wanted(0, 5), wanted(1, 6)])).toEqual({
      id: 0,
      epoch: 0,
      named: ['one-0@5', 'one-1@6'],
      forgotten: [],
    })
    session.accept(99)
    expect(shape(session, [wanted(0, 5), wanted(1, 7)])).toEqual({
      id: 99,
      epoch: 1,
      named: ['one-1@7'],
      forgotten: [],
    })
    session.accept(99)
    expect(shape(session, [wanted(0, 5), wanted(1, 7)])).toEqual({ id: 99, epoch: 2, named: [], forgotten: [] })
  })

  test.each(['fetchOffset', 'lastFetchedEpoch', 'currentLeaderEpoch', 'partitionMaxBytes'] as const)(
    'names a partition again when its %s changed',
    (field) => {
      const session = new FetchSession()
      session.next([wanted(0, 5)])
      session.accept(99)
      expect(session.next([{ ...wanted(0, 5), [field]: 77 }]).topics).toHaveLength(1)
    },
  )

  test('a fetch session forgets partitions that are not wanted any more, and a topic that was created again', () => {
    const session = new FetchSession()
    session.next([wanted(0, 5), wanted(1, 6)])
    session.accept(99)
    expect(shape(session, [wanted(0, 5, 'two')])).toEqual({
      id: 99,
      epoch: 1,
      named: ['two-0@5'],
      forgotten: ['one-0', 'one-1'],
    })
  })

  test('stays full with a broker that keeps none', () => {
    const session = new FetchSession()
    session.next([wanted(0, 5)])
    session.accept(0)
    expect(shape(session, [wanted(0, 5)])).toEqual({ id: 0, epoch: 0, named: ['one-0@5'], forgotten: [] })
  })

  test('a fetch session closes and starts again after a request without an answer', () => {
    const session = new FetchSession()
    session.next([wanted(0, 5)])
    session.accept(99)
    session.next([wanted(0, 6)])
    session.reset()
    expect(shape(session, [wanted(0, 6)])).toEqual({ id: 99, epoch: 0, named: ['one-0@6'], forgotten: [] })
  })
})
