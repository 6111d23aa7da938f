import { beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { BatchTarget, SinkBatch } from '../../../src/sinks/batch-target.ts'
import type { Sink, SinkFactory, SinkRecord } from '../../../src/sinks/port.ts'
import { batchingSinkFactory } from '../../../src/sinks/batching-sink-factory.ts'
import { allWritten } from '../../../src/sinks/write-results.ts'

const settings = {
  name: 'numbers',
  batch: { maxRecords: 3, maxBytes: 100, maxAgeMs: 1000, maxBufferedRecords: 8, maxBufferedBytes: 1000 },
  inFlight: 10,
  logger: silentLogger,
}

/** Documents are their sizes; two of them above 100 do not fit together. */
class SizesBatch implements SinkBatch {
  readonly sizes: number[] = []

  get records(): number {
    return this.sizes.length
  }

  get bytes(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0)
  }

  add({ value }: SinkRecord): boolean {
    if (this.records > 0 && this.bytes + (value as number) > settings.batch.maxBytes) return false
    this.sizes.push(value as number)
    return true
  }

  release(): void {}
}

/** Answers when it is told to. */
class HeldTarget implements BatchTarget<SizesBatch> {
  readonly sent: number[][] = []
  readonly #answers: (() => void)[] = []

  async open(): Promise<void> {}

  newBatch(): SizesBatch {
    return new SizesBatch()
  }

  async write(batch: SizesBatch): Promise<typeof allWritten> {
    this.sent.push(batch.sizes)
    await new Promise<void>((resolve) => this.#answers.push(resolve))
    return allWritten
  }

  /** Requests are answered in any order; each is known by its number. */
  async answer(number: number): Promise<void> {
    this.#answers[number]?.()
    await new Promise((resume) => setImmediate(resume))
  }

  async answerAll(): Promise<void> {
    for (const number of this.#answers.keys()) await this.answer(number)
  }

  async close(): Promise<void> {}
}

describe('a batching sink', () => {
  let clock: ManualClock
  let target: HeldTarget
  let factory: SinkFactory

  beforeEach(() => {
    clock = new ManualClock()
    target = new HeldTarget()
    factory = batchingSinkFactory({ ...settings, clock }, target)
  })

  async function open(taskId = '0_0'): Promise<Sink> {
    const sink = factory.create(taskId)
    await sink.open({ reject: () => {} })
    // The target is asked beside all else.
    await new Promise((resume) => setImmediate(resume))
    return sink
  }

  function add(sink: Sink, ...sizes: number[]): void {
    for (const value of sizes) {
      const place = { topic: 't', partition: 0, offset: 0, sequence: 0, timestamp: 0 }
      sink.add({ ...place, key: null, value, headers: noHeaders })
    }
  }

  test.each([
    ['by its count', [1, 2, 3, 4], [[1, 2, 3]]],
    ['when a document does not fit in', [60, 50, 10], [[60]]],
    ['for a document that is larger than a batch', [10, 500, 10], [[10], [500]]],
  ])('sends a batch %s', async (_name, sizes, sent) => {
    const sink = await open()
    add(sink, ...sizes)
    sink.pump(0)
    expect(target.sent).toEqual(sent)
  })

  test('sends a batch when its first document is old enough', async () => {
    const sink = await open()
    clock.advance(5000)
    add(sink, 1)
    clock.advance(900)
    add(sink, 2)
    sink.pump(5999)
    expect(target.sent).toEqual([])
    sink.pump(6000)
    expect(target.sent).toEqual([[1, 2]])
  })

  test('is full when all tasks together hold what the target may owe them', async () => {
    const [first, second] = [await open('0_0'), await open('0_1')]
    add(first, 1, 1, 1, 1)
    add(second, 1, 1, 1)
    expect([first.isFull, second.isFull]).toEqual([false, false])
    add(second, 1)
    expect([first.isFull, second.isFull]).toEqual([true, true])
    first.pump(0)
    await target.answerAll()
    expect([first.isFull, second.isFull]).toEqual([false, false])
  })

  test('sends what it has when it is full, as nothing will be added to it', async () => {
    const [first, second, third] = [await open('0_0'), await open('0_1'), await open('0_2')]
    add(first, 1, 2)
    add(second, 3, 4)
    add(third, 5, 6, 7, 8)
    for (const sink of [first, second, third]) sink.pump(0)
    expect(target.sent).toEqual([[1, 2], [3, 4], [5, 6, 7], [8]])
  })

  test('the sink continues to fill its batch while the target is busy', async () => {
    factory = batchingSinkFactory({ ...settings, inFlight: 2, clock }, target)
    const [first, second] = [await open('0_0'), await open('0_1')]
    add(first, 1, 2, 3, 4, 5, 6)
    add(second, 7, 8)
    for (const sink of [first, second]) sink.pump(0)
    expect(target.sent).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    await target.answer(0)
    add(second, 9)
    second.pump(0)
    expect(target.sent.at(-1)).toEqual([7, 8, 9])
  })

  test('a task that is gone leaves its room to the others', async () => {
    const [first, second] = [await open('0_0'), await open('0_1')]
    add(first, 1, 1, 1, 1, 1, 1, 1)
    add(second, 1)
    expect(second.isFull).toBe(true)
    await first.close()
    expect(second.isFull).toBe(false)
  })

  test('the status shows what waits, for how long, and what is in flight', async () => {
    const sink = await open()
    expect(sink.status?.()).toEqual({
      state: 'open',
      stateForMs: 0,
      bufferedRecords: 0,
      bufferedBytes: 0,
      oldestDocumentMs: 0,
      inFlight: 0,
      failedTries: 0,
      lastErrorCode: undefined,
      lastError: undefined,
    })
    add(sink, 1, 2, 3)
    sink.pump(0)
    clock.advance(700)
    add(sink, 4)
    expect(sink.status?.()).toMatchObject({ bufferedRecords: 4, bufferedBytes: 10, oldestDocumentMs: 700, inFlight: 1 })
    await target.answer(0)
    expect(sink.status?.()).toMatchObject({ bufferedRecords: 1, bufferedBytes: 4, oldestDocumentMs: 0, inFlight: 0 })
  })

  describe('a flush', () => {
    async function flushOf(sink: Sink, timeoutMs: number): Promise<{ readonly outcome: () => unknown }> {
      let outcome: unknown = 'waits'
      sink.flush(timeoutMs).then(
        () => (outcome = 'flushed'),
        (error: unknown) => (outcome = (error as { code: string }).code),
      )
      await turn()
      return { outcome: () => outcome }
    }

    async function turn(): Promise<void> {
      await new Promise((resume) => setImmediate(resume))
    }

    test('waits for as long as it may while the target takes anything', async () => {
      const sink = await open()
      add(sink, 1, 2, 3, 4)
      const { outcome } = await flushOf(sink, 60_000)
      for (const answer of [0, 1]) {
        clock.advance(4900)
        await turn()
        expect(outcome()).toBe('waits')
        await target.answer(answer)
      }
      expect(outcome()).toBe('flushed')
    })

    test('gives up a target that has taken nothing for 5 s, and keeps what is buffered', async () => {
      const sink = await open()
      add(sink, 1)
      const { outcome } = await flushOf(sink, 60_000)
      clock.advance(5000)
      await turn()
      expect(outcome()).toBe('SINK_BACKPRESSURE')
      await target.answerAll()
      expect((await flushOf(sink, 60_000)).outcome()).toBe('flushed')
    })

    test('does not wait again for a target that is silent still', async () => {
      const sink = await open()
      add(sink, 1)
      await flushOf(sink, 60_000)
      clock.advance(30_000)
      const { outcome } = await flushOf(sink, 60_000)
      clock.advance(50)
      await turn()
      expect(outcome()).toBe('SINK_BACKPRESSURE')
    })
  })
})
