import { describe, expect, test } from '@jest/globals'
import {
  addCounts,
  countEvent,
  durationQuantile,
  emptyCounts,
  errorsOf,
  type RateCounts,
  rateCounts,
  totalOf,
} from '../../../topologies/rate-counts.ts'

function counted(durationsMs: readonly number[], errors = 0): RateCounts {
  const counts = emptyCounts()
  durationsMs.forEach((durationMs, index) => countEvent(counts, index < errors, durationMs))
  return counts
}

describe('rate counts', () => {
  test('come back from their bytes, also out of the middle of a buffer', () => {
    const counts = counted([1, 50, 3000], 1)
    const inside = Buffer.concat([Buffer.alloc(3), rateCounts.serialize(counts, 't', []), Buffer.alloc(5)]).subarray(
      3,
      -5,
    )
    const read = rateCounts.deserialize(inside, 't', [])
    expect(read).toEqual(counts)
    expect(rateCounts.serialize(read, 't', [])).toHaveLength(84)
  })

  test('add up without a change to either', () => {
    const [before, more] = [counted([1]), counted([1, 1], 1)]
    const sum = addCounts(before, more)
    expect([before, more, sum].map(totalOf)).toEqual([1, 2, 3])
    expect(errorsOf(sum)).toBe(1)
  })

  test.each([
    [0, 1],
    [1, 1],
    [1.5, 2],
    [2, 2],
    [2.0001, 4],
    [1024, 1024],
    [1025, 2048],
    [2 ** 18, 2 ** 18],
    [2 ** 18 + 1, 2 ** 18],
    [2 ** 32 + 2, 2 ** 18],
    [Number.MAX_VALUE, 2 ** 18],
  ])('put %d ms into the bucket up to %d ms', (durationMs, upperMs) => {
    expect(durationQuantile(counted([durationMs]), 1)).toBe(upperMs)
  })

  test('quantiles come from doubling buckets', () => {
    const counts = counted([...new Array<number>(95).fill(10), ...new Array<number>(5).fill(900)])
    expect([durationQuantile(counts, 0.5), durationQuantile(counts, 0.99)]).toEqual([16, 1024])
  })

  test('refuse bytes of another length', () => {
    expect(() => rateCounts.deserialize(new Uint8Array(92), 't', [])).toThrow('84 bytes')
  })
})
