import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { systemClock } from '../../../src/core/clock.ts'

const longestTimeoutMs = 2 ** 31 - 1
const days60Ms = 60 * 24 * 60 * 60 * 1000

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

describe('the system clock', () => {
  test.each([longestTimeoutMs, longestTimeoutMs + 1, 2 ** 31 + 5000, days60Ms])(
    'a timer of %d ms rings after that time and not before',
    (delayMs) => {
      let rings = 0
      systemClock.setTimer(delayMs, () => rings++)
      jest.advanceTimersByTime(delayMs - 1)
      expect(rings).toBe(0)
      jest.advanceTimersByTime(1)
      expect(rings).toBe(1)
      expect(jest.getTimerCount()).toBe(0)
    },
  )

  test('a timer longer than a timeout can hold is cancelled in each of its parts', () => {
    let rings = 0
    const timer = systemClock.setTimer(days60Ms, () => rings++)
    jest.advanceTimersByTime(longestTimeoutMs + 1)
    timer.cancel()
    jest.advanceTimersByTime(days60Ms)
    expect([rings, jest.getTimerCount()]).toEqual([0, 0])
  })

  test('a timer without an end never rings', () => {
    let rings = 0
    systemClock.setTimer(Number.POSITIVE_INFINITY, () => rings++)
    jest.advanceTimersByTime(days60Ms)
    expect(rings).toBe(0)
  })

  test('a sleep of 60 days does not end at once', async () => {
    let isOver = false
    const slept = systemClock.sleep(days60Ms).then(() => (isOver = true))
    await Promise.resolve()
    jest.advanceTimersByTime(days60Ms - 1)
    await Promise.resolve()
    expect(isOver).toBe(false)
    jest.advanceTimersByTime(1)
    await slept
    expect(isOver).toBe(true)
  })
})
