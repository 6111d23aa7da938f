import { expect, test } from '@jest/globals'
import { Punctuations } from '../../../../src/runtime/task/punctuation.ts'
import type { PunctuationRunner } from '../../../../src/runtime/task/punctuation.ts'

const run: PunctuationRunner = (_nodeName, timestampMs, callback) => callback(timestampMs)

function firedAt(
  type: 'stream-time' | 'wall-clock-time',
  intervalMs: number,
  startMs: number,
  times: readonly number[],
  startTimeMs?: number,
): number[] {
  const punctuations = new Punctuations()
  const fired: number[] = []
  punctuations.schedule('node', intervalMs, type, startMs, (timestampMs) => fired.push(timestampMs), startTimeMs)
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

test.each([
  ['to come', 'wall-clock-time', 3, 25, [3, 24, 25, 34, 35], [25, 35]],
  ['that is now', 'wall-clock-time', 25, 25, [25, 34, 35], [25, 35]],
  ['long past', 'wall-clock-time', 103, 25, [103, 104, 105, 114, 115], [105, 115]],
  ['of a grid that is now', 'wall-clock-time', 105, 25, [105, 114, 115], [115]],
  ['to come', 'stream-time', -1, 25, [7, 24, 26, 34, 36], [26, 36]],
  ['long past', 'stream-time', 103, 25, [103, 104, 106, 115], [106, 115]],
] as const)('a start time %s (%s) is the first punctuation or the grid of those to come (KIP-1146)', (...given) => {
  const [, type, nowMs, startTimeMs, times, fired] = given
  expect(firedAt(type, 10, nowMs, times, startTimeMs)).toEqual(fired)
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
