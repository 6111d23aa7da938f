import { describe, expect, test } from '@jest/globals'
import { ManualClock, type Timer } from '../../../src/core/clock.ts'
import { MillraceError } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import type { BatchTarget, SinkBatch, WriteResult } from '../../../src/sinks/batch-target.ts'
import { Delivery } from '../../../src/sinks/delivery.ts'
import type { SinkRejection } from '../../../src/sinks/port.ts'
import { RefusalBreaker } from '../../../src/sinks/refusal-breaker.ts'
import { SharedTarget } from '../../../src/sinks/shared-target.ts'
import { TargetGate } from '../../../src/sinks/target-gate.ts'
import { allWritten } from '../../../src/sinks/write-results.ts'

class OffsetBatch implements SinkBatch {
  readonly offsets: readonly number[]
  isReleased = false

  constructor(...offsets: number[]) {
    this.offsets = offsets
  }

  get records(): number {
    return this.offsets.length
  }

  get bytes(): number {
    return this.offsets.length * 10
  }

  add(): boolean {
    throw new Error('not used')
  }

  release(): void {
    this.isReleased = true
  }

  halves(): readonly this[] {
    const middle = this.offsets.length >> 1
    const [first, second] = [this.offsets.slice(0, middle), this.offsets.slice(middle)]
    return [new OffsetBatch(...first) as this, new OffsetBatch(...second) as this]
  }

  rejections(): readonly SinkRejection[] {
    return this.offsets.map(rejection)
  }
}

type Answer = (batch: OffsetBatch) => WriteResult<OffsetBatch>

/** Every request waits here until the test answers it, in the order in which they came. */
class ManualTarget implements BatchTarget<OffsetBatch> {
  readonly requests: {
    readonly offsets: readonly number[]
    readonly signal: AbortSignal
    answer(answer: Answer): Promise<void>
  }[] = []

  async open(): Promise<void> {}

  newBatch(): OffsetBatch {
    throw new Error('not used')
  }

  write(batch: OffsetBatch, signal: AbortSignal): Promise<WriteResult<OffsetBatch>> {
    return new Promise((resolve, reject) => {
      this.requests.push({
        offsets: batch.offsets,
        signal,
        answer: async (answer) => {
          try {
            resolve(answer(batch))
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

/** Time passes between two looks at it, and a timer fires a little before its time, as those of Node may. */
class InterruptedClock extends ManualClock {
  /** Of the next timer alone. */
  earlyMs = 0
  #looksLeft = Number.POSITIVE_INFINITY
  #lostMs = 0

  /** So much passes before the look of this number, counted from 0. */
  interrupt(look: number, forMs: number): void {
    this.#looksLeft = look
    this.#lostMs = forMs
  }

  override monotonicMs(): number {
    if (this.#looksLeft-- === 0) this.jump(this.#lostMs)
    return super.monotonicMs()
  }

  override setTimer(delayMs: number, callback: () => void): Timer {
    const dueMs = delayMs - this.earlyMs
    this.earlyMs = 0
    return super.setTimer(dueMs, callback)
  }
}

const longestBackoffMs = 1000
/** With the fifth that jitter may add. */
const longestWaitMs = 1200

async function deliveryOf(inFlight: number, rejectedBy?: () => void, clock = new InterruptedClock()) {
  const target = new ManualTarget()
  const settled: [records: number, bytes: number][] = []
  const rejected: number[] = []
  const backoff = { initialMs: 100, maxMs: longestBackoffMs }
  const gate = new TargetGate({ inFlight, backoff }, clock, () => 0)
  const shared = new SharedTarget(target, gate, clock, 30_000)
  shared.join()
  shared.tryOpen(() => {})
  await new Promise((resume) => setImmediate(resume))
  const breaker = new RefusalBreaker(0.5)
  const parts = { target: shared, gate, breaker, clock, backoff, requestTimeoutMs: 30_000 }
  const delivery = new Delivery(parts, {
    rejected: ({ record }) => {
      rejectedBy?.()
      rejected.push(record.offset)
    },
    settled: (records, bytes) => void settled.push([records, bytes]),
    delayed: () => {},
  })
  return { clock, target, delivery, settled, rejected }
}

function rejection(offset: number): SinkRejection {
  const place = { topic: 't', partition: 0, offset, sequence: 0, timestamp: 0 }
  return { record: { ...place, key: null, value: null, headers: noHeaders }, code: 'X', reason: 'x' }
}

describe('a delivery', () => {
  test('batches are sent in order, as many concurrently as the gate allows', async () => {
    const { delivery, target } = await deliveryOf(2)
    for (const offset of [1, 2, 3]) delivery.enqueue(new OffsetBatch(offset), 0)
    delivery.start()
    expect(target.requests.map(({ offsets }) => offsets)).toEqual([[1], [2]])
    await target.requests[1]?.answer(() => allWritten)
    expect(target.requests.map(({ offsets }) => offsets)).toEqual([[1], [2], [3]])
  })

  test('a batch that was not taken whole is sent again, only what is left of it, before those behind it', async () => {
    const { delivery, target, settled, rejected, clock } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1, 2, 3), 0)
    delivery.enqueue(new OffsetBatch(4), 0)
    delivery.start()
    await target.requests[0]?.answer(() => ({
      rejected: [rejection(3)],
      retry: [new OffsetBatch(2)],
      before: 'backoff',
    }))
    expect([settled, rejected, delivery.isDone(1)]).toEqual([[[2, 20]], [3], false])
    expect(target.requests).toHaveLength(1)
    clock.advance(100)
    expect(target.requests[1]?.offsets).toEqual([2])
    await target.requests[1]?.answer(() => allWritten)
    expect([delivery.isDone(1), target.requests[2]?.offsets]).toEqual([true, [4]])
  })

  test('a batch that was halved is done when both halves are', async () => {
    const { delivery, target } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1, 2, 3), 0)
    delivery.start()
    await target.requests[0]?.answer(() => ({
      rejected: [],
      retry: [new OffsetBatch(1), new OffsetBatch(2, 3)],
      before: 'none',
    }))
    await target.requests[1]?.answer(() => allWritten)
    expect(delivery.isDone(1)).toBe(false)
    await target.requests[2]?.answer(() => allWritten)
    expect([target.requests.map(({ offsets }) => offsets), delivery.isDone(1)]).toEqual([
      [[1, 2, 3], [1], [2, 3]],
      true,
    ])
  })

  test('an answer to what was discarded is not looked at', async () => {
    const { delivery, target, settled, rejected } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1), 0)
    delivery.start()
    delivery.discard()
    delivery.enqueue(new OffsetBatch(2), 0)
    expect(target.requests[0]?.signal.aborted).toBe(true)
    await target.requests[0]?.answer(() => ({
      rejected: [rejection(1)],
      retry: [],
      before: 'none',
    }))
    expect([settled, rejected, delivery.isDone(2)]).toEqual([[], [], false])
    expect(target.requests[1]?.offsets).toEqual([2])
  })

  test('the memory of a batch is given back when all of it was written, not while it may still be read', async () => {
    const { delivery, target, clock } = await deliveryOf(1)
    const batch = new OffsetBatch(1)
    delivery.enqueue(batch, 0)
    delivery.start()
    await target.requests[0]?.answer((same) => ({ rejected: [], retry: [same], before: 'backoff' }))
    expect(batch.isReleased).toBe(false)
    clock.advance(100)
    await target.requests[1]?.answer(() => allWritten)
    expect(batch.isReleased).toBe(true)
  })

  test('a refusal that cannot be reported rejects the flush and does not end the process', async () => {
    const { delivery, target } = await deliveryOf(1, () => {
      throw new Error('the producer is gone')
    })
    delivery.enqueue(new OffsetBatch(1), 0)
    delivery.start()
    await target.requests[0]?.answer(() => ({ rejected: [rejection(1)], retry: [], before: 'none' }))
    expect(delivery.failure).toEqual({ error: new Error('the producer is gone') })
    expect(delivery.isDone(1)).toBe(false)
    delivery.discard()
    expect(delivery.failure).toBeUndefined()
  })

  test('a batch that may be at fault lets others pass, and is halved once they do', async () => {
    const { delivery, target, clock, rejected } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1, 2), 0)
    delivery.enqueue(new OffsetBatch(3), 0)
    delivery.start()
    const refuse: Answer = (batch) => ({
      rejected: [],
      retry: [],
      doubtful: { batch, fault: 'one' },
      before: 'backoff',
      failure: { code: 'X', reason: '500' },
    })
    await target.requests[0]?.answer(refuse)
    clock.advance(longestWaitMs)
    expect(target.requests[1]?.offsets).toEqual([3])
    await target.requests[1]?.answer(() => allWritten)
    await target.requests[2]?.answer(refuse)
    clock.advance(longestWaitMs)
    expect(target.requests[3]?.offsets).toEqual([1])
    await target.requests[3]?.answer(() => allWritten)
    for (let number = 4; rejected.length === 0 && number < 20; number++) {
      clock.advance(longestWaitMs)
      expect(target.requests[number]?.offsets).toEqual([2])
      await target.requests[number]?.answer(refuse)
    }
    expect([rejected, delivery.isDone(2)]).toEqual([[2], true])
  })

  test.each(Array.from({ length: 30 }, (_, look) => look))(
    'a wait that ends between two looks at the clock is not missed: time passes before look %i',
    async (look) => {
      const { delivery, target, clock } = await deliveryOf(1)
      delivery.enqueue(new OffsetBatch(1, 2), 0)
      delivery.start()
      clock.earlyMs = 1
      clock.interrupt(look, 1)
      await target.requests[0]?.answer(() => ({
        ...allWritten,
        doubtful: { batch: new OffsetBatch(2), fault: 'each' },
        failure: { code: 'X', reason: '500' },
      }))
      clock.advance(longestWaitMs)
      expect(target.requests[1]?.offsets).toEqual([2])
    },
  )

  test('while nothing passes nobody is at fault', async () => {
    const { delivery, target, clock, rejected } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1), 0)
    delivery.enqueue(new OffsetBatch(2), 0)
    delivery.start()
    for (let number = 0; number < 40; number++) {
      await target.requests[number]?.answer((batch) => ({
        rejected: [],
        retry: [],
        doubtful: { batch, fault: 'one' },
        before: 'backoff',
      }))
      clock.advance(3000)
    }
    expect([target.requests.length, rejected]).toEqual([41, []])
  })

  test('a write that does not end is given up, and its batch sent again', async () => {
    const { delivery, target, clock } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1), 0)
    delivery.start()
    clock.advance(30_000)
    await new Promise((resume) => setImmediate(resume))
    expect(target.requests[0]?.signal.aborted).toBe(true)
    expect(delivery.lastFailure).toMatchObject({ code: 'SINK_TIMEOUT' })
    clock.advance(1000)
    await target.requests[1]?.answer(() => allWritten)
    expect(delivery.isDone(1)).toBe(true)
  })

  test('what a target throws, whatever it is, is tried again', async () => {
    const { delivery, target, clock } = await deliveryOf(1)
    delivery.enqueue(new OffsetBatch(1), 0)
    delivery.start()
    const thrown: unknown[] = [undefined, null, 'text', new Error('x'), new MillraceError<'Y'>('Y', 'fatal', 'y'), {}]
    for (const [number, error] of thrown.entries()) {
      await target.requests[number]?.answer(() => {
        throw error
      })
      clock.advance(3000)
    }
    await target.requests[thrown.length]?.answer(() => allWritten)
    expect(delivery.isDone(1)).toBe(true)
  })
})
