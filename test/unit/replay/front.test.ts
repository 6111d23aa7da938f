import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { ReplayFront } from '../../../src/replay/front.ts'
import { SinkShare } from '../../../src/replay/sink-share.ts'

const partitions = [
  { topic: 'in', partition: 0 },
  { topic: 'in', partition: 1 },
]

function front(clock = new ManualClock()): ReplayFront {
  return new ReplayFront({ clock, skewMs: 100, partitions, sinkShare: new SinkShare(clock) })
}

describe('the time up to which records are released', () => {
  test('is before everything while a partition is unknown', () => {
    const some = front()
    some.report('in-0', 1000)
    expect(some.limitMs).toBe(Number.NEGATIVE_INFINITY)
  })

  test('is the lowest next time of all partitions, and the skew', () => {
    const some = front()
    some.report('in-0', 1000)
    some.report('in-1', 700)
    expect(some.limitMs).toBe(800)
  })

  test('follows partitions of other processes', () => {
    const some = front()
    some.report('in-0', 1000)
    some.learn('in-1', 500)
    expect(some.limitMs).toBe(600)
  })

  test('does not follow what others say of a partition of its own', () => {
    const some = front()
    some.report('in-0', 1000)
    some.report('in-1', 700)
    some.learn('in-1', 5000)
    expect(some.limitMs).toBe(800)
  })

  test('is not held back by a partition at its end', () => {
    const some = front()
    some.report('in-0', 1000)
    some.report('in-1', Number.POSITIVE_INFINITY)
    expect(some.limitMs).toBe(1100)
  })
})

describe('the records that may be released', () => {
  test('are as many as the rate brings', () => {
    const clock = new ManualClock()
    const some = front(clock)
    some.setRates(100, undefined)
    expect(some.allowance).toBe(0)
    clock.advance(50)
    expect(some.allowance).toBe(5)
  })

  test('wait until bytes are paid back', () => {
    const clock = new ManualClock()
    const some = front(clock)
    some.setRates(undefined, 1000)
    clock.advance(100)
    some.spend(1, 300)
    expect(some.allowance).toBe(0)
    clock.advance(300)
    expect(some.allowance).toBe(Number.POSITIVE_INFINITY)
  })

  test('are none while it is held', () => {
    const some = front()
    some.hold(true)
    expect(some.allowance).toBe(0)
  })
})
