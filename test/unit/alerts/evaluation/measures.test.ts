import { describe, expect, test } from '@jest/globals'
import { type Buckets, addToBucket } from '../../../../src/alerts/evaluation/buckets.ts'
import { createMeasure } from '../../../../src/alerts/evaluation/create-measure.ts'
import type { Observation } from '../../../../src/alerts/rules/observation.ts'
import type { MeasurePlan } from '../../../../src/alerts/rules/plan.ts'

/** Ten buckets, filled in turn. */
function valueOf(
  plan: MeasurePlan,
  observations: readonly Omit<Observation, 'timeMs' | 'count'>[],
): number | undefined {
  const measure = createMeasure(plan)
  const buckets: Buckets = []
  for (const [index, one] of observations.entries()) {
    addToBucket(buckets, index % 10, { timeMs: 0, count: 1, ...one }, measure.add)
  }
  return measure.value(buckets)
}

const numbers = (length: number) => Array.from({ length }, (_, index) => ({ number: index + 1 }))
const texts = (length: number) => Array.from({ length }, (_, index) => ({ text: `host-${index}` }))

describe('distinct values', () => {
  test('are exact up to 255', () => {
    expect(valueOf({ of: 'distinct' }, [...texts(255), ...texts(255)])).toBe(255)
  })

  test('are estimated beyond, within 15 % for 5,000', () => {
    const estimate = valueOf({ of: 'distinct' }, texts(5000)) ?? 0
    expect(Math.abs(estimate - 5000) / 5000).toBeLessThan(0.15)
  })
})

test.each([0.5, 0.95, 0.99])('the quantile %d is right within 1 %', (share) => {
  const value = valueOf({ of: 'quantile', share }, numbers(1000)) ?? 0
  expect(Math.abs(value - share * 1000) / (share * 1000)).toBeLessThan(0.0101)
})

test('a quantile is of one window alone, whatever was looked at before: of zeros, of the largest and the least numbers', () => {
  const median = (...all: number[]) =>
    valueOf(
      { of: 'quantile', share: 0.5 },
      all.map((number) => ({ number })),
    )
  const within = (number: number, expected: number) => expect(number / expected).toBeCloseTo(1, 1)
  within(median(Number.MAX_VALUE, 1e-300, 1e-300, 7, 7, 7, 7) ?? 0, 7)
  within(median(100) ?? 0, 100)
  expect(median(0, 0, -3, 5)).toBe(0)
  expect(median(Number.MIN_VALUE, 0, 0)).toBe(0)
})

test('sum, average, least and largest are those of all numbers', () => {
  const of = (name: 'sum' | 'avg' | 'min' | 'max') => valueOf({ of: name }, numbers(100))
  expect([of('sum'), of('avg'), of('min'), of('max')]).toEqual([5050, 50.5, 1, 100])
})

test('a failed login counts once, however many lines tell of its connection', () => {
  const lines = [{ text: 'a', number: 1 }, { text: 'a', number: 0 }, { text: 'b', number: 0 }, { number: 2 }]
  expect(valueOf({ of: 'failedLogins' }, lines)).toBe(4)
})
