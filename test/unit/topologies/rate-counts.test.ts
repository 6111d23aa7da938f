import { describe, expect, test } from '@jest/globals'
import { logLevels } from '../../../schemas/log-record.ts'
import {
  addCounts,
  type CountedLog,
  countLog,
  durationBuckets,
  durationQuantile,
  emptyCounts,
  errorsOf,
  type RateCounts,
  totalOf,
} from '../../../topologies/rate-counts.ts'
import { rateCounts } from '../../../topologies/rate-counts-serde.ts'

function counted(...logs: readonly CountedLog[]): RateCounts {
  const counts = emptyCounts()
  for (const log of logs) countLog(counts, log)
  return counts
}

const lasting = (durationMs: number): CountedLog => ({ level: 'info', durationMs })

describe('rate counts', () => {
  test('come back from their bytes, also out of the middle of a buffer', () => {
    const counts = counted(
      { level: 'error', durationMs: 50, component: 'gateway' },
      { level: 'info', durationMs: 2 ** 30, component: 'Größe' },
      { level: 'debug' },
    )
    const inside = Buffer.concat([Buffer.alloc(3), rateCounts.serialize(counts, 't', []), Buffer.alloc(5)]).subarray(
      3,
      -5,
    )
    expect(rateCounts.deserialize(inside, 't', [])).toEqual(counts)
  })

  test('are read from the form that had totals, errors, and buckets that double', () => {
    const bytes = Buffer.alloc(84)
    bytes.writeUInt32LE(7, 0)
    bytes.writeUInt32LE(2, 4)
    bytes.writeUInt32LE(5, 8 + 4 * 3)
    const read = rateCounts.deserialize(bytes, 't', [])
    expect([totalOf(read), errorsOf(read), durationBuckets(read)]).toEqual([7, 2, [[8, 5]]])
  })

  test('refuse bytes of another length', () => {
    expect(() => rateCounts.deserialize(new Uint8Array(92), 't', [])).toThrow('84 bytes')
    expect(() => rateCounts.deserialize(new Uint8Array(3), 't', [])).toThrow('at least 24 bytes')
  })

  test('add up without a change to either', () => {
    const before = counted({ level: 'info', component: 'a', durationMs: 1 })
    const more = counted({ level: 'error', component: 'a', durationMs: 1 }, { level: 'critical', component: 'b' })
    const sum = addCounts(before, more)
    expect([before, more, sum].map(totalOf)).toEqual([1, 2, 3])
    expect([before, more, sum].map(errorsOf)).toEqual([0, 2, 2])
    expect(Object.fromEntries(sum.components)).toEqual({ a: 2, b: 1 })
    expect(durationBuckets(sum)).toEqual([[1, 2]])
  })

  test('count each level', () => {
    const counts = counted(...logLevels.map((level) => ({ level })), { level: 'warn' })
    expect(counts.levels).toEqual([1, 1, 2, 1, 1])
  })

  test('keep twenty components, and count the rest together', () => {
    const names = Array.from({ length: 30 }, (_, number) => `component ${number}`)
    const many = counted(...[...names, 'x'.repeat(81)].map((component): CountedLog => ({ level: 'info', component })))
    const sum = addCounts(many, counted({ level: 'info', component: 'one more' }))
    expect([sum.components.size, sum.components.get('other'), sum.components.get('component 3')]).toEqual([21, 12, 1])
  })

  test.each([
    [0, 1],
    [1, 1],
    [1.5, 1.54],
    [2, 2],
    [2.0001, 2.18],
    [1000, 1024],
    [1024, 1024],
    [1025, 1117],
    [2 ** 18, 2 ** 18],
    [2 ** 18 + 1, 2 ** 18],
    [Number.MAX_VALUE, 2 ** 18],
  ])('put %d ms into the bucket up to %d ms', (durationMs, upperMs) => {
    expect(durationQuantile(counted(lasting(durationMs)), 1)).toBe(upperMs)
  })

  test('have quantiles that are right within a bucket', () => {
    const counts = counted(...Array.from({ length: 1000 }, (_, index) => lasting(index + 1)))
    for (const share of [0.5, 0.95, 0.99]) {
      const quantileMs = durationQuantile(counts, share)
      expect(quantileMs).toBeGreaterThanOrEqual(1000 * share)
      expect(quantileMs).toBeLessThan(1000 * share * 1.1)
    }
  })
})
