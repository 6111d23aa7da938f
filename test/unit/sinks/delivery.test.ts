import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { MillraceError } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { type BatchTarget, type SinkItem, type WriteResult, allWritten } from '../../../src/sinks/batch-target.ts'
import { Delivery } from '../../../src/sinks/delivery.ts'
import { TargetGate } from '../../../src/sinks/target-gate.ts'

type Answer = (items: readonly SinkItem[]) => WriteResult<SinkItem>

/** Every request waits here until the test answers it, in the order in which they came. */
class ManualTarget implements BatchTarget<SinkItem> {
  readonly requests: {
    readonly offsets: number[]
    readonly signal: AbortSignal
    answer(answer: Answer): Promise<void>
  }[] = []

  async open(): Promise<void> {}

  encode(): SinkItem {
    throw new Error('not used')
  }

  write(items: readonly SinkItem[], signal: AbortSignal): Promise<WriteResult<SinkItem>> {
    return new Promise((resolve, reject) => {
      this.requests.push({
        offsets: items.map(({ record }) => record.offset),
        signal,
        answer: async (answer) => {
          try {
            resolve(answer(items))
          } catch (error) {
            reject(error)
          }
          await new Promise((resume) => setImmediate(resume))
        },
      })
    })
  }

  async close(): Promise<void> {}
}

function deliveryOf(inFlight: number) {
  const clock = new ManualClock()
  const target = new ManualTarget()
  const settled: number[] = []
  const rejected: number[] = []
  const gate = new TargetGate({ inFlight, backoff: { baseMs: 100, capMs: 1000 } }, clock, () => 0)
  const delivery = new Delivery(target, gate, {
    rejected: ({ item }) => void rejected.push(item.record.offset),
    settled: (items) => void settled.push(...items.map(({ record }) => record.offset)),
    delayed: () => {},
  })
  return { clock, target, delivery, settled, rejected }
}

function items(...offsets: number[]): SinkItem[] {
  return offsets.map((offset) => {
    const place = { topic: 't', partition: 0, offset, sequence: 0, timestamp: 0 }
    return { record: { ...place, key: null, value: null, headers: noHeaders }, bytes: 1 }
  })
}

describe('a delivery', () => {
  test('sends batches in their order, as many at a time as the gate allows', async () => {
    const { delivery, target } = deliveryOf(2)
    for (const offset of [1, 2, 3]) delivery.enqueue(items(offset))
    delivery.start()
    expect(target.requests.map(({ offsets }) => offsets)).toEqual([[1], [2]])
    await target.requests[1]?.answer(() => allWritten)
    expect(target.requests.map(({ offsets }) => offsets)).toEqual([[1], [2], [3]])
  })

  test('a batch that was not taken whole is sent again, only what is left of it, before those behind it', async () => {
    const { delivery, target, settled, rejected, clock } = deliveryOf(1)
    delivery.enqueue(items(1, 2, 3))
    delivery.enqueue(items(4))
    delivery.start()
    await target.requests[0]?.answer(([, second, third]) => ({
      rejected: [{ item: third as SinkItem, code: 'X', reason: 'x' }],
      retry: [second as SinkItem],
      before: 'backoff',
    }))
    expect([settled, rejected, delivery.isDone(1)]).toEqual([[1, 3], [3], false])
    expect(target.requests).toHaveLength(1)
    clock.advance(100)
    expect(target.requests[1]?.offsets).toEqual([2])
    await target.requests[1]?.answer(() => allWritten)
    expect([delivery.isDone(1), target.requests[2]?.offsets]).toEqual([true, [4]])
  })

  test('a split batch is done when both halves are', async () => {
    const { delivery, target } = deliveryOf(1)
    delivery.enqueue(items(1, 2, 3))
    delivery.start()
    await target.requests[0]?.answer((all) => ({ rejected: [], retry: all, before: 'split' }))
    await target.requests[1]?.answer(() => allWritten)
    expect(delivery.isDone(1)).toBe(false)
    await target.requests[2]?.answer(() => allWritten)
    expect([target.requests.map(({ offsets }) => offsets), delivery.isDone(1)]).toEqual([
      [[1, 2, 3], [1], [2, 3]],
      true,
    ])
  })

  test('an answer to what was discarded is not looked at', async () => {
    const { delivery, target, settled, rejected } = deliveryOf(1)
    delivery.enqueue(items(1))
    delivery.start()
    delivery.discard()
    delivery.enqueue(items(2))
    expect(target.requests[0]?.signal.aborted).toBe(true)
    await target.requests[0]?.answer(([item]) => ({
      rejected: [{ item: item as SinkItem, code: 'X', reason: 'x' }],
      retry: [],
      before: 'none',
    }))
    expect([settled, rejected, delivery.isDone(2)]).toEqual([[], [], false])
    expect(target.requests[1]?.offsets).toEqual([2])
  })

  test('nothing is sent after a fatal error until it is discarded', async () => {
    const { delivery, target } = deliveryOf(1)
    delivery.enqueue(items(1))
    delivery.enqueue(items(2))
    delivery.start()
    await target.requests[0]?.answer(() => {
      throw new MillraceError('SINK_MISCONFIGURED', 'fatal', 'no')
    })
    delivery.start()
    expect([delivery.hasFailed, target.requests.length]).toEqual([true, 1])
    expect(() => delivery.throwFailure()).toThrow('no')
    delivery.discard()
    delivery.enqueue(items(3))
    delivery.start()
    expect(target.requests[1]?.offsets).toEqual([3])
  })
})
