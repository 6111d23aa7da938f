import { describe, expect, test } from '@jest/globals'
import { PartitionGroup } from '../../../../src/runtime/task/partition-group.ts'
import type { PartitionLag } from '../../../../src/runtime/task/partition-group.ts'
import { nullReceiver } from '../../../../src/runtime/task/receivers.ts'
import { RecordQueue } from '../../../../src/runtime/task/record-queue.ts'
import type { QueueObserver } from '../../../../src/runtime/task/record-queue.ts'
import type { TimestampExtractor } from '../../../../src/topology/node.ts'
import type { SourceNode } from '../../../../src/topology/node.ts'
import { batchOf } from '../batches.ts'
import { sketchTopology } from '../topology-fixture.ts'

const node = sketchTopology({ source: { kind: 'source', topics: ['a', 'b'] } }).nodes.get('source') as SourceNode

function groupOf(
  topics: readonly string[],
  options: {
    maxTaskIdleMs?: number
    lag?: PartitionLag
    observer?: Partial<QueueObserver>
    extractor?: TimestampExtractor
  } = {},
) {
  const observer: QueueObserver = {
    undecodable: (error) => {
      throw error
    },
    invalidTimestamp: () => {},
    ...options.observer,
  }
  const source = { node, receiver: nullReceiver, timestampExtractor: options.extractor }
  const queues = topics.map((topic) => new RecordQueue(topic, 0, source, observer))
  return new PartitionGroup(queues, options.maxTaskIdleMs ?? 0, options.lag ?? (() => 0))
}

function takeAll(group: PartitionGroup): string[] {
  const taken: string[] = []
  while (group.mayProcess(0)) {
    const queue = group.next() as RecordQueue
    taken.push(`${queue.topic}${queue.headTimestamp}`)
    group.advance()
  }
  return taken
}

const records = (...timestamps: number[]) => timestamps.map((timestamp) => ({ timestamp, value: 'x' }))

describe('order', () => {
  test('the head with the lowest timestamp goes first, whatever follows it', () => {
    const group = groupOf(['a', 'b'])
    group.add(batchOf('a', 0, records(5, 1, 9)))
    group.add(batchOf('b', 0, records(4, 6)))
    expect(takeAll(group)).toEqual(['b4', 'a5', 'a1', 'b6', 'a9'])
  })

  test('the lag of an empty partition is asked for once while the others have records', () => {
    const asked: string[] = []
    const group = groupOf(['a', 'b'], {
      lag: (topic) => {
        asked.push(topic)
        return 0
      },
    })
    group.add(batchOf('a', 0, records(1, 2, 3)))
    const taken: number[] = []
    let may = group.mayProcess(0)
    for (; may; may = group.mayContinue(0)) {
      taken.push((group.next() as RecordQueue).headTimestamp)
      group.advance()
    }
    expect(taken).toEqual([1, 2, 3])
    expect(asked).toEqual(['b'])
    group.add(batchOf('b', 0, records(4)))
    expect(group.mayContinue(0)).toBe(true)
    expect(asked).toEqual(['b', 'a'])
  })

  test('a partition that has run out of records is waited for before the next record', () => {
    const group = groupOf(['a', 'b'], { lag: () => 1 })
    group.add(batchOf('a', 0, records(1, 3)))
    group.add(batchOf('b', 0, records(2)))
    expect(group.mayProcess(0)).toBe(true)
    group.next()
    group.advance()
    expect(group.mayContinue(0)).toBe(true)
    group.next()
    group.advance()
    expect(group.mayContinue(0)).toBe(false)
  })

  test('stream time never goes back', () => {
    const group = groupOf(['a'])
    group.add(batchOf('a', 0, records(5, 1)))
    const times: number[] = []
    while (group.mayProcess(0)) {
      group.next()
      times.push(group.streamTimeMs)
      group.advance()
    }
    expect(times).toEqual([5, 5])
  })

  test('an extractor gets the highest timestamp so far', () => {
    const seen: number[] = []
    const group = groupOf(['a'], {
      extractor: (record, partitionTimeMs) => {
        seen.push(partitionTimeMs)
        return record.timestamp
      },
    })
    group.add(batchOf('a', 0, records(5, 1, 9)))
    takeAll(group)
    expect(seen).toEqual([-1, 5, 5])
  })
})

describe('waiting for a partition that is empty here', () => {
  const withOneEmpty = (options: Parameters<typeof groupOf>[1]) => {
    const group = groupOf(['a', 'b'], options)
    group.add(batchOf('a', 0, records(5)))
    return group
  }

  test('waits while its lag is unknown', () => {
    expect(withOneEmpty({ lag: () => undefined }).mayProcess(0)).toBe(false)
  })

  test('waits while the broker holds records of it', () => {
    expect(withOneEmpty({ lag: () => 3 }).mayProcess(0)).toBe(false)
  })

  test('does not wait once it is caught up', () => {
    expect(withOneEmpty({ lag: () => 0 }).mayProcess(0)).toBe(true)
  })

  test('waits maxTaskIdleMs more once it is caught up', () => {
    const group = withOneEmpty({ lag: () => 0, maxTaskIdleMs: 10 })
    expect([group.mayProcess(100), group.mayProcess(109), group.mayProcess(110)]).toEqual([false, false, true])
  })

  test('the wait starts again when the partition fell behind meanwhile', () => {
    let lag = 0
    const group = withOneEmpty({ lag: () => lag, maxTaskIdleMs: 10 })
    group.mayProcess(100)
    lag = 1
    group.mayProcess(105)
    lag = 0
    expect([group.mayProcess(111), group.mayProcess(121)]).toEqual([false, true])
  })

  test('never waits with -1', () => {
    expect(withOneEmpty({ lag: () => undefined, maxTaskIdleMs: -1 }).mayProcess(0)).toBe(true)
  })

  test('has nothing to process when all are empty', () => {
    expect(groupOf(['a']).mayProcess(0)).toBe(false)
  })
})

describe('positions', () => {
  const poison = { timestamp: 1, value: new Uint8Array([0xff]) }

  test('a skipped record counts as done, also at the end of what is buffered', () => {
    const group = groupOf(['a'], { observer: { undecodable: () => {} } })
    const queue = group.add(batchOf('a', 10, [{ timestamp: 1, value: 'x' }, poison, poison]))
    expect(queue.position()).toBe(10)
    group.mayProcess(0)
    group.advance()
    expect([queue.position(), group.buffered]).toEqual([13, 0])
  })

  test('offsets that compaction took away are passed', () => {
    const group = groupOf(['a'])
    const queue = group.add(
      batchOf('a', 0, [
        { offset: 3, timestamp: 1 },
        { offset: 8, timestamp: 2 },
      ]),
    )
    group.mayProcess(0)
    group.advance()
    expect(queue.position()).toBe(8)
  })

  test('a batch of nothing but markers moves the position', () => {
    const group = groupOf(['a'])
    expect(group.add({ ...batchOf('a', 4, []), nextOffset: 6 }).position()).toBe(6)
  })

  test('a record that may not be skipped stays where it is', () => {
    const group = groupOf(['a'])
    const queue = group.add(batchOf('a', 0, [{ timestamp: 1, value: 'x' }, poison]))
    group.mayProcess(0)
    expect(() => group.advance()).toThrow('poisoned')
    expect(queue.position()).toBe(1)
  })

  test('a negative timestamp drops the record and reports it', () => {
    const dropped: number[] = []
    const group = groupOf(['a'], {
      extractor: (record) => (record.timestamp === 1 ? -1 : record.timestamp),
      observer: { invalidTimestamp: (_queue, batch, index) => dropped.push(batch.offset(index)) },
    })
    group.add(batchOf('a', 0, records(1, 2)))
    expect(takeAll(group)).toEqual(['a2'])
    expect(dropped).toEqual([0])
  })
})

describe('records whose reading fails with a retriable error', () => {
  function flaky() {
    let failures = 1
    const extractor: TimestampExtractor = (record) => {
      if (record.offset === 1 && failures-- > 0) throw new Error('not now')
      return record.timestamp
    }
    return groupOf(['a', 'b'], { extractor })
  }

  test('taking a batch decodes nothing, so that it is taken or not', () => {
    const group = groupOf(['a'], {
      extractor: () => {
        throw new Error('not now')
      },
    })
    expect(group.add(batchOf('a', 0, records(1))).size).toBe(1)
  })

  test('the first of a batch is tried again, and nothing behind it is lost', () => {
    const group = flaky()
    group.add(batchOf('a', 1, records(1, 2)))
    group.add(batchOf('b', 5, records(3)))
    expect(() => group.mayProcess(0)).toThrow()
    expect(group.queue('a', 0)?.position()).toBe(1)
    expect(takeAll(group)).toEqual(['a1', 'a2', 'b3'])
    expect(group.buffered).toBe(0)
  })

  test('one behind the head is tried again, and the head is not handed out twice', () => {
    const group = flaky()
    group.add(batchOf('a', 0, records(1, 2, 4)))
    group.mayProcess(0)
    expect(() => group.advance()).toThrow()
    expect(group.queue('a', 0)?.position()).toBe(1)
    expect(takeAll(group)).toEqual(['a2', 'a4'])
  })

  test('skipping what failed leaves alone what was not tried', () => {
    const group = flaky()
    group.add(batchOf('a', 1, records(1, 2)))
    group.add(batchOf('b', 5, records(3)))
    expect(() => group.mayProcess(0)).toThrow()
    group.skipFailed({ topic: '', partition: -1, offset: -1 })
    expect(takeAll(group)).toEqual(['a2', 'b3'])
  })
})

test('a queue that is removed holds nothing up and is counted no more', () => {
  const group = groupOf(['a', 'b'], { lag: (topic) => (topic === 'a' ? 3 : 0) })
  group.add(batchOf('b', 0, records(7)))
  expect(group.mayProcess(0)).toBe(false)
  group.add(batchOf('a', 0, records(1, 2)))
  expect(group.mayProcess(0)).toBe(true)
  group.removeQueue('a', 0)
  expect(group.buffered).toBe(1)
  expect(takeAll(group)).toEqual(['b7'])
})
