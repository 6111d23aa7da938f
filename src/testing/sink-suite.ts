import assert from 'node:assert/strict'
import { systemClock } from '../core/clock.ts'
import { noHeaders } from '../core/headers.ts'
import type { Sink, SinkFactory, SinkRecord, SinkRejection } from '../sinks/port.ts'
import type { TestRunner } from './kafka-driver-suite.ts'

/** A target of one test, empty at first, and sinks that write to it. */
export interface SinkBench {
  /** The factory of the sink, configured with the batch bounds of `suiteBatch`. */
  readonly factory: SinkFactory
  /** The numbers of the documents that the target holds, in the order in which it received them. */
  written(): Promise<number[]>
  /** From now on the target accepts nothing, as if it were down. */
  breakTarget(): Promise<void>
  /** From now on the target accepts documents again. */
  healTarget(): Promise<void>
  /** Closes everything that the bench has opened. */
  close(): Promise<void>
}

/** What `sinkSuite` must know of the sink that it checks. */
export interface SinkHarness {
  /** Makes a bench for one test; the suite closes it. */
  createBench(): Promise<SinkBench>
  /** A document with this number that the target permanently refuses; undefined if the target accepts everything. */
  readonly poison: ((number: number) => unknown) | undefined
  /** True if the target holds a record once, however often it is delivered. */
  readonly isIdempotent: boolean
}

/** The bounds of the factory of a bench; they are small, so that each of them is reached. */
export const suiteBatch = Object.freeze({
  maxRecords: 10,
  maxBytes: 1024 * 1024,
  maxAgeMs: 1000,
  maxBufferedRecords: 30,
  maxBufferedBytes: 1024 * 1024,
})

const flushMs = 15_000
const impatientMs = 300

/** An open sink with what it has rejected so far. */
interface OpenSink {
  readonly sink: Sink
  readonly rejections: SinkRejection[]
}

/** A sentence for each promise of the sink port; every sink passes it. */
export function sinkSuite(name: string, runner: TestRunner, harness: SinkHarness): void {
  const check = (sentence: string, body: (bench: SinkBench) => Promise<void>): void =>
    runner.test(sentence, async () => {
      const bench = await harness.createBench()
      try {
        await body(bench)
      } finally {
        await bench.healTarget()
        await bench.close()
      }
    })
  runner.describe(name, () => {
    checkFlush(check)
    checkBackpressure(check)
    checkPump(check)
    checkDiscardAndClose(check)
    checkRejections(check, harness)
    if (harness.isIdempotent) checkIdempotence(check)
  })
}

type Check = (sentence: string, body: (bench: SinkBench) => Promise<void>) => void

/** A flush that resolves is what a commit rests on. */
function checkFlush(check: Check): void {
  check('a flush of nothing resolves', async (bench) => {
    const { sink } = await open(bench)
    await sink.flush(flushMs)
    await sink.close()
  })

  check('when flush resolves, the target holds each document that was added', async (bench) => {
    const { sink } = await open(bench)
    addNumbers(sink, 0, 25)
    await sink.flush(flushMs)
    assert.deepEqual(sorted(await held(bench)), numbers(0, 25))
    await sink.close()
  })

  check('documents of later intervals follow those of earlier ones', async (bench) => {
    const { sink } = await open(bench)
    for (const start of [0, 5, 10]) {
      addNumbers(sink, start, start + 5)
      await sink.flush(flushMs)
    }
    assert.deepEqual(await held(bench), numbers(0, 15))
    await sink.close()
  })

  check('the sinks of two tasks write concurrently', async (bench) => {
    const [first, second] = await Promise.all([open(bench, '0_0'), open(bench, '0_1')])
    addNumbers(first.sink, 0, 12)
    addNumbers(second.sink, 12, 24, 1)
    await Promise.all([first.sink.flush(flushMs), second.sink.flush(flushMs)])
    await first.sink.close()
    addNumbers(second.sink, 24, 30, 1)
    await second.sink.flush(flushMs)
    assert.deepEqual(sorted(await held(bench)), numbers(0, 30))
    await second.sink.close()
  })
}

/** A target that accepts nothing loses nothing, and blocks nobody for longer than asked. */
function checkBackpressure(check: Check): void {
  check(
    'a flush that the target does not accept rejects with SINK_BACKPRESSURE and keeps the documents',
    async (bench) => {
      const { sink, rejections } = await open(bench)
      await bench.breakTarget()
      addNumbers(sink, 0, 12)
      await assert.rejects(sink.flush(impatientMs), (error: unknown) => {
        const { code, consequence, details } = error as {
          code: string
          consequence: string
          details: { retryAfterMs: unknown }
        }
        assert.deepEqual([code, consequence, typeof details.retryAfterMs], ['SINK_BACKPRESSURE', 'retriable', 'number'])
        return true
      })
      await bench.healTarget()
      await flushAtLast(sink)
      assert.deepEqual([...new Set(sorted(await held(bench)))], numbers(0, 12))
      assert.deepEqual(rejections, [])
      await sink.close()
    },
  )

  check('it opens while its target is unreachable, and writes the documents when the target is back', async (bench) => {
    await bench.breakTarget()
    const { sink, rejections } = await open(bench)
    addNumbers(sink, 0, 5)
    await assert.rejects(sink.flush(impatientMs), { code: 'SINK_BACKPRESSURE' })
    await bench.healTarget()
    await flushAtLast(sink)
    assert.deepEqual([...new Set(sorted(await held(bench)))], numbers(0, 5))
    assert.deepEqual(rejections, [])
    await sink.close()
  })

  check('its status, if it has one, shows how much waits and whether the target accepts documents', async (bench) => {
    const { sink } = await open(bench)
    if (sink.status === undefined) return sink.close()
    await bench.breakTarget()
    addNumbers(sink, 0, 5)
    await assert.rejects(sink.flush(impatientMs))
    assert.equal(sink.status().bufferedRecords, 5)
    await until(async () => sink.status?.().state !== 'open')
    await bench.healTarget()
    await flushAtLast(sink)
    const { state, bufferedRecords, bufferedBytes, lastErrorCode } = sink.status()
    assert.deepEqual([state, bufferedRecords, bufferedBytes, lastErrorCode], ['open', 0, 0, undefined])
    return sink.close()
  })

  check('it is full at its bound and empty again after a flush', async (bench) => {
    const { sink } = await open(bench)
    await bench.breakTarget()
    addNumbers(sink, 0, suiteBatch.maxBufferedRecords - 1)
    sink.pump(systemClock.monotonicMs())
    assert.equal(sink.isFull, false)
    addNumbers(sink, suiteBatch.maxBufferedRecords - 1, suiteBatch.maxBufferedRecords)
    assert.equal(sink.isFull, true)
    await bench.healTarget()
    await flushAtLast(sink)
    assert.equal(sink.isFull, false)
    await sink.close()
  })

  check('documents that were added after a flush that failed are written by the next one', async (bench) => {
    const { sink } = await open(bench)
    await bench.breakTarget()
    addNumbers(sink, 0, 5)
    await assert.rejects(sink.flush(impatientMs))
    addNumbers(sink, 5, 10)
    await bench.healTarget()
    await flushAtLast(sink)
    assert.deepEqual([...new Set(sorted(await held(bench)))], numbers(0, 10))
    await sink.close()
  })
}

/** Batches leave by size and age without a flush. */
function checkPump(check: Check): void {
  check('pump writes a batch that is due by size, without a flush', async (bench) => {
    const { sink } = await open(bench)
    addNumbers(sink, 0, suiteBatch.maxRecords)
    sink.pump(systemClock.monotonicMs())
    await until(async () => (await held(bench)).length === suiteBatch.maxRecords)
    await sink.close()
  })

  check('pump writes a smaller batch only when it is due by age', async (bench) => {
    const { sink } = await open(bench)
    addNumbers(sink, 0, 3)
    const addedMs = systemClock.monotonicMs()
    sink.pump(addedMs)
    await systemClock.sleep(100)
    assert.deepEqual(await held(bench), [])
    sink.pump(addedMs + suiteBatch.maxAgeMs)
    await until(async () => (await held(bench)).length === 3)
    await sink.close()
  })
}

/** What is discarded was never promised: it is processed again. */
function checkDiscardAndClose(check: Check): void {
  check('discarded documents are never written', async (bench) => {
    const { sink } = await open(bench)
    addNumbers(sink, 0, 5)
    sink.discard()
    addNumbers(sink, 5, 8)
    await sink.flush(flushMs)
    assert.deepEqual(await held(bench), [5, 6, 7])
    await sink.close()
  })

  check('a flush does not resolve for documents that are discarded while it waits', async (bench) => {
    const { sink } = await open(bench)
    await bench.breakTarget()
    addNumbers(sink, 0, 5)
    const flushed = sink.flush(flushMs)
    await systemClock.sleep(50)
    sink.discard()
    await assert.rejects(flushed, { code: 'SINK_BACKPRESSURE' })
    await sink.close()
  })

  check('a full sink is empty after discard, even when its target is unreachable', async (bench) => {
    const { sink } = await open(bench)
    await bench.breakTarget()
    addNumbers(sink, 0, suiteBatch.maxBufferedRecords)
    sink.pump(systemClock.monotonicMs())
    sink.discard()
    assert.equal(sink.isFull, false)
    await sink.flush(impatientMs)
    await sink.close()
  })

  check('close does not wait for an unreachable target', async (bench) => {
    const { sink } = await open(bench)
    await bench.breakTarget()
    addNumbers(sink, 0, 12)
    sink.pump(systemClock.monotonicMs())
    const startedMs = systemClock.monotonicMs()
    await sink.close()
    assert.ok(systemClock.monotonicMs() - startedMs < 5000)
  })
}

/** A document that the target refuses does not hold others up, and is reported once. */
function checkRejections(check: Check, harness: SinkHarness): void {
  check('a document that cannot be encoded is rejected immediately, and the others are written', async (bench) => {
    const { sink, rejections } = await open(bench)
    sink.add(record(0, { big: 1n }))
    addNumbers(sink, 1, 4)
    await sink.flush(flushMs)
    assert.deepEqual(
      rejections.map(({ record: { offset } }) => offset),
      [0],
    )
    assert.deepEqual(sorted(await held(bench)), [1, 2, 3])
    await sink.close()
  })

  const { poison } = harness
  if (!poison) return
  check('a document that the target refuses is rejected once and the others are written', async (bench) => {
    const { sink, rejections } = await open(bench)
    addNumbers(sink, 0, 4)
    sink.add(record(4, poison(4)))
    addNumbers(sink, 5, 9)
    await sink.flush(flushMs)
    await sink.flush(flushMs)
    assert.deepEqual(
      rejections.map(({ record: { offset } }) => offset),
      [4],
    )
    assert.ok(rejections.every(({ code, reason }) => code !== '' && reason !== ''))
    assert.deepEqual(sorted(await held(bench)), [0, 1, 2, 3, 5, 6, 7, 8])
    await sink.close()
  })
}

function checkIdempotence(check: Check): void {
  check('a record that is delivered again is in the target once', async (bench) => {
    for (const end of [6, 9]) {
      const { sink, rejections } = await open(bench)
      addNumbers(sink, 0, end)
      await sink.flush(flushMs)
      assert.deepEqual(rejections, [])
      await sink.close()
    }
    assert.deepEqual(sorted(await held(bench)), numbers(0, 9))
  })
}

/** A copy, because arrays of another realm of the test runner are equal to none of this one. */
async function held(bench: SinkBench): Promise<number[]> {
  return [...(await bench.written())]
}

async function open(bench: SinkBench, taskId = '0_0'): Promise<OpenSink> {
  const rejections: SinkRejection[] = []
  const sink = bench.factory.create(taskId)
  await sink.open({ reject: (rejection) => void rejections.push(rejection) })
  return { sink, rejections }
}

/** As the runtime does: again for as long as the target asks to wait. */
async function flushAtLast(sink: Sink): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + flushMs
  for (;;) {
    try {
      return await sink.flush(1000)
    } catch (error) {
      if (systemClock.monotonicMs() > deadlineMs) throw error
    }
  }
}

function addNumbers(sink: Sink, start: number, end: number, partition = 0): void {
  for (const number of numbers(start, end))
    sink.add(record(number, { number, message: `message ${number}` }, partition))
}

function record(offset: number, value: unknown, partition = 0): SinkRecord {
  const timestamp = Date.UTC(2026, 0, 31)
  return { topic: 'suite', partition, offset, sequence: 0, timestamp, key: null, value, headers: noHeaders }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + flushMs
  while (!(await condition())) {
    assert.ok(systemClock.monotonicMs() < deadlineMs, 'the target did not get the documents in time')
    await systemClock.sleep(20)
  }
}

function numbers(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index)
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right)
}
