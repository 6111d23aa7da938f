import { describe, expect, test } from '@jest/globals'
import {
  addPoint,
  durationQuantile,
  emptyCounts,
  errorShare,
  type RateCounts,
  rateCounts,
  ratePoint,
  totalOf,
} from '../../../topologies/rate-counts.ts'

function counted(durationsMs: readonly number[], errors = 0): RateCounts {
  return durationsMs.reduce(
    (counts, durationMs, index) => addPoint(counts, { isError: index < errors, durationMs }),
    emptyCounts(),
  )
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

  test('never change what was counted before', () => {
    const before = counted([1])
    addPoint(before, { isError: true, durationMs: 1 })
    expect([totalOf(before), errorShare(before)]).toEqual([1, 0])
  })

  test('tell quantiles by doubling buckets', () => {
    const counts = counted([...new Array<number>(95).fill(10), ...new Array<number>(5).fill(900)])
    expect([durationQuantile(counts, 0.5), durationQuantile(counts, 0.99)]).toEqual([16, 1024])
  })

  test('refuse bytes of another length', () => {
    expect(() => rateCounts.deserialize(new Uint8Array(92), 't', [])).toThrow('84 bytes')
  })
})

test('a rate point comes back from five bytes', () => {
  const point = { isError: true, durationMs: 12.5 }
  expect(ratePoint.deserialize(ratePoint.serialize(point, 't', []), 't', [])).toEqual(point)
})
