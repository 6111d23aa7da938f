import { expect, test } from '@jest/globals'
import { HeldKeys } from '../../../../src/alerts/notifiers/held-keys.ts'
import { ManualClock } from '../../../../src/core/clock.ts'

test('a notice behind one that waits does not pass, and passes after it', () => {
  const held = new HeldKeys(new ManualClock())
  held.hold('key', 'fire')
  expect([held.mayPass('key', 'resolve'), held.mayPass('key', 'fire')]).toEqual([false, true])
  held.release('key', 'fire')
  expect(held.mayPass('key', 'resolve')).toBe(true)
})

test('those that wait for one key pass in the order in which they came', () => {
  const held = new HeldKeys(new ManualClock())
  held.hold('key', 'first')
  held.mayPass('key', 'second')
  held.mayPass('key', 'third')
  held.release('key', 'first')
  expect([held.mayPass('key', 'third'), held.mayPass('key', 'second')]).toEqual([false, true])
})

test('a notice of another key passes', () => {
  const held = new HeldKeys(new ManualClock())
  held.hold('key', 'fire')
  expect(held.mayPass('other', 'fire')).toBe(true)
})

test('a notice that is tried no more holds up its key for 30 s', () => {
  const clock = new ManualClock()
  const held = new HeldKeys(clock)
  held.hold('key', 'fire')
  clock.advance(29_999)
  expect(held.mayPass('key', 'resolve')).toBe(false)
  clock.advance(1)
  expect(held.mayPass('key', 'resolve')).toBe(true)
})
