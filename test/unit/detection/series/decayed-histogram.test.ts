import { describe, expect, test } from '@jest/globals'
import { DecayedHistogram } from '../../../../src/detection/series/decayed-histogram.ts'

function histogramOf(values: readonly number[]): DecayedHistogram {
  const histogram = new DecayedHistogram()
  for (const value of values) histogram.add(value, 16)
  return histogram
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a decayed histogram', () => {
  test('knows median and range within a bucket, which is 8 % wide', () => {
    const histogram = histogramOf(upTo(1000))
    expect(histogram.median).toBeGreaterThan(500 * 0.92)
    expect(histogram.median).toBeLessThan(500 * 1.08)
    const { low, high, excess } = histogram.rangeOf(500)
    expect(low).toBeGreaterThan(9)
    expect(low).toBeLessThan(11.5)
    expect(high).toBeGreaterThan(990 * 0.92)
    expect(high).toBeLessThan(990 * 1.08)
    expect(excess).toBe(0)
    expect(histogram.rangeOf(high + 2 * (high - low)).excess).toBeCloseTo(2, 6)
    expect(histogram.rangeOf(low - 3 * (high - low)).excess).toBeCloseTo(3, 6)
  })

  test.each([42, -3, 0, 1e-9, 1e12])('finds nothing unusual in %d where there was nothing else', (value) => {
    expect(histogramOf(new Array<number>(500).fill(value)).rangeOf(value).excess).toBe(0)
  })

  test('finds any other value far outside of a constant one', () => {
    expect(histogramOf(new Array<number>(500).fill(0)).rangeOf(0.001).excess).toBeGreaterThan(3)
    expect(histogramOf(new Array<number>(500).fill(5)).rangeOf(9).excess).toBeGreaterThan(3)
  })

  test('takes up a signal that follows a constant start, however much larger it is', () => {
    const histogram = histogramOf([...new Array<number>(50).fill(1), ...upTo(2000).map((value) => 1e6 + value)])
    expect(histogram.rangeOf(1e6 + 1000).excess).toBe(0)
    expect(histogram.rangeOf(1e8).excess).toBeGreaterThan(10)
  })

  test('finds its scale though the first value is a million times too large', () => {
    const histogram = histogramOf([1e7, ...upTo(2000).map((value) => 10 + (value % 7))])
    expect(histogram.rangeOf(13).excess).toBe(0)
    expect(histogram.rangeOf(60).excess).toBeGreaterThan(1)
    expect(histogram.median).toBeGreaterThan(11)
    expect(histogram.median).toBeLessThan(15)
  })

  test('is not spoiled by a value that is wrong by twelve digits', () => {
    const values = upTo(2000).map((value) => 10 + (value % 7))
    const histogram = histogramOf([...values, 1e13])
    expect(histogram.rangeOf(13).excess).toBe(0)
    expect(histogram.rangeOf(60).excess).toBeCloseTo(histogramOf(values).rangeOf(60).excess, 6)
  })

  test('forgets what is halved often enough', () => {
    const histogram = histogramOf(new Array<number>(100).fill(1000))
    for (let round = 0; round < 12; round++) {
      histogram.halve()
      for (let index = 0; index < 20; index++) histogram.add(1, 16)
    }
    expect(histogram.rangeOf(1000).excess).toBeGreaterThan(1)
  })
})
