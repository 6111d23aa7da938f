import { expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import { GroupPace } from '../../../../../src/kafka/wire/group/group-pace.ts'

test('heartbeats are quick for three seconds after the group has changed, and never slower than the member wants', () => {
  const clock = new ManualClock(10_000)
  const pace = new GroupPace(clock)
  expect(pace.intervalMs(1000)).toBe(1000)
  pace.changed()
  expect([pace.intervalMs(1000), pace.intervalMs(20)]).toEqual([100, 20])
  clock.advance(2999)
  expect(pace.intervalMs(1000)).toBe(100)
  clock.advance(1)
  expect(pace.intervalMs(1000)).toBe(1000)
})
