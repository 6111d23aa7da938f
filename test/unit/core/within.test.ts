import { expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { within } from '../../../src/core/within.ts'

const late = (): Error => new Error('too late')

test('work that does not end in time rejects with what its caller says', async () => {
  const clock = new ManualClock()
  const waiting = within(clock, new Promise(() => {}), 500, late)
  clock.advance(500)
  await expect(waiting).rejects.toThrow('too late')
})

test('work that ends in time is what it is, and nothing is made of the deadline', async () => {
  const clock = new ManualClock()
  const never = (): Error => {
    throw new Error('it was in time')
  }
  await expect(within(clock, Promise.resolve(5), 500, never)).resolves.toBe(5)
  await expect(within(clock, Promise.reject(new Error('failed')), 500, never)).rejects.toThrow('failed')
  clock.advance(500)
})
