import { expect, test } from '@jest/globals'
import { DecayedQuantiles } from '../../../../src/detection/index.ts'

function quantilesOf(values: readonly number[]): DecayedQuantiles {
  const quantiles = new DecayedQuantiles()
  for (const value of values) quantiles.add(value)
  return quantiles
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

test('nothing has no quantile', () => {
  expect(new DecayedQuantiles().quantile(0.5)).toBeUndefined()
})

test.each([0.05, 0.5, 0.95, 0.99])('a quantile is right within 5 %%: %d', (share) => {
  const value = quantilesOf(upTo(900)).quantile(share) ?? 0
  expect(Math.abs(value / (900 * share) - 1)).toBeLessThan(0.05)
})

test('what was added long ago fades', () => {
  const quantiles = quantilesOf(Array.from({ length: 2000 }, () => 10))
  for (let index = 0; index < 2000; index++) quantiles.add(500)
  expect(quantiles.quantile(0.3)).toBeGreaterThan(450)
})

test('a value with less weight moves a quantile less', () => {
  const quantiles = quantilesOf(Array.from({ length: 400 }, () => 10))
  for (let index = 0; index < 40; index++) quantiles.add(500, 1)
  expect(quantiles.quantile(0.95)).toBeLessThan(12)
  for (let index = 0; index < 40; index++) quantiles.add(500)
  expect(quantiles.quantile(0.95)).toBeGreaterThan(450)
})

test('a state that was read back says the same and continues in the same way', () => {
  const values = upTo(700).map((value) => (value * 7919) % 5000)
  const whole = quantilesOf(values)
  let restored = new DecayedQuantiles()
  for (const value of values) {
    restored.add(value)
    restored = DecayedQuantiles.restore(restored.toBytes())
  }
  expect(restored.toBytes()).toEqual(whole.toBytes())
  expect([restored.count, restored.quantile(0.9)]).toEqual([700, whole.quantile(0.9)])
})

test('what is no number changes nothing', () => {
  const quantiles = quantilesOf([5, Number.NaN, Number.POSITIVE_INFINITY])
  expect(quantiles.count).toBe(1)
})

test('bytes of another form are no state', () => {
  expect(DecayedQuantiles.restore(Uint8Array.of(99, 1, 2)).count).toBe(0)
})
