import { expect, test } from '@jest/globals'
import { Punctuations } from '../../../src/runtime/punctuation.ts'
import type { PunctuationRunner } from '../../../src/runtime/punctuation.ts'

const run: PunctuationRunner = (_nodeName, timestampMs, callback) => callback(timestampMs)

function firedAt(
  type: 'stream-time' | 'wall-clock-time',
  intervalMs: number,
  startMs: number,
  times: readonly number[],
): number[] {
  const punctuations = new Punctuations()
  const fired: number[] = []
  punctuations.schedule('node', intervalMs, type, startMs, (timestampMs) => fired.push(timestampMs))
  for (const time of times) {
    if (type === 'stream-time') punctuations.fireStreamTime(time, run)
    else punctuations.fireWallClock(time, run)
  }
  return fired
}

test('stream time fires with the first record and then on the grid from 0', () => {
  expect(firedAt('stream-time', 10, 0, [7, 16, 17, 20, 29, 30])).toEqual([7, 16, 20, 30])
})

test('stream time does not fire before the first record', () => {
  expect(firedAt('stream-time', 10, 0, [-1])).toEqual([])
})

test('missed punctuations are skipped, the grid stays', () => {
  expect(firedAt('stream-time', 10, 0, [0, 95, 99, 100])).toEqual([0, 95, 100])
})

test('wall clock fires after the interval, on the grid of its start', () => {
  expect(firedAt('wall-clock-time', 10, 3, [3, 12, 13, 40, 42, 43])).toEqual([13, 40, 43])
})

test('a callback may cancel itself', () => {
  const punctuations = new Punctuations()
  let fired = 0
  const schedule = punctuations.schedule('node', 10, 'stream-time', 0, () => {
    fired++
    schedule.cancel()
  })
  punctuations.fireStreamTime(5, run)
  punctuations.fireStreamTime(50, run)
  expect(fired).toBe(1)
})

test('the lowest due stream time is known, so that a record is compared with a number', () => {
  const punctuations = new Punctuations()
  expect(punctuations.streamTimeDueMs).toBe(Number.POSITIVE_INFINITY)
  punctuations.schedule('slow', 100, 'stream-time', 0, () => {})
  punctuations.schedule('fast', 10, 'stream-time', 0, () => {})
  punctuations.fireStreamTime(5, run)
  expect(punctuations.streamTimeDueMs).toBe(10)
})
