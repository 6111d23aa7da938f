import { expect, test } from '@jest/globals'
import { Pace } from '../../../../src/alerts/notifiers/pace.ts'
import { ManualClock } from '../../../../src/core/clock.ts'

const { signal } = new AbortController()

/** How many of so many turns, taken one after another, are over by now. */
function takeTurns(pace: Pace, turns: number): { count: number } {
  const over = { count: 0 }
  const take = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) {
      await pace.turn(signal)
      over.count++
    }
  }
  void take()
  return over
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('five messages go at once, and then one per interval', async () => {
  const clock = new ManualClock()
  const over = takeTurns(new Pace(60, clock), 8)
  await settle()
  expect(over.count).toBe(5)
  clock.advance(999)
  await settle()
  expect(over.count).toBe(5)
  clock.advance(1)
  await settle()
  expect(over.count).toBe(6)
  clock.advance(1000)
  await settle()
  expect(over.count).toBe(7)
})

test('a pause gives back the five, and no more', async () => {
  const clock = new ManualClock()
  const pace = new Pace(60, clock)
  takeTurns(pace, 5)
  await settle()
  clock.advance(3_600_000)
  const over = takeTurns(pace, 10)
  await settle()
  expect(over.count).toBe(5)
})

test('a turn that nobody waits for any more ends at once', async () => {
  const clock = new ManualClock()
  const pace = new Pace(1, clock)
  takeTurns(pace, 5)
  await settle()
  const abort = new AbortController()
  const turn = pace.turn(abort.signal)
  abort.abort()
  await expect(turn).resolves.toBeUndefined()
})
