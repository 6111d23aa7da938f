import { expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { Trouble } from '../../../src/core/trouble.ts'

function watched() {
  const clock = new ManualClock()
  const told: string[] = []
  const trouble = new Trouble(
    clock,
    ({ failures, forMs }) => told.push(`${failures} in ${forMs} ms`),
    (forMs) => told.push(`over after ${forMs} ms`),
  )
  return { clock, told, trouble }
}

test('trouble is logged immediately, then at growing intervals, and when it ends', () => {
  const { clock, told, trouble } = watched()
  for (let second = 0; second <= 40; second++) {
    trouble.failed(new Error('no'))
    clock.advance(1_000)
  }
  trouble.worked()
  expect(told).toEqual(['1 in 0 ms', '11 in 10000 ms', '31 in 30000 ms', 'over after 41000 ms'])
  expect(trouble.forMs).toBeUndefined()
})

test('trouble that comes and goes is not logged each time', () => {
  const { clock, told, trouble } = watched()
  for (let second = 0; second < 10; second++) {
    trouble.failed(new Error('no'))
    trouble.worked()
    clock.advance(1_000)
  }
  expect(told).toEqual(['1 in 0 ms', 'over after 0 ms'])
})

test('trouble after a long quiet time is logged like the first one', () => {
  const { clock, told, trouble } = watched()
  trouble.failed(new Error('no'))
  trouble.worked()
  clock.advance(100_000)
  for (let second = 0; second <= 10; second++) {
    trouble.failed(new Error('no'))
    clock.advance(1_000)
  }
  expect(told.slice(2)).toEqual(['1 in 0 ms', '11 in 10000 ms'])
})
