import { describe, expect, test } from '@jest/globals'
import { costsBySize, forecast } from '../../../bench/scale/model.ts'
import { base, inputOf, pointsOf } from '../../../bench/scale/point.ts'

describe('the model of the scale bench', () => {
  test('finds the costs of a record and of a byte', () => {
    const points = [100, 300, 1000, 10_000].map((bytes) => ({ bytes, us: 1.5 + 0.0046 * bytes }))
    const { usOfRecord, usOfByte } = costsBySize(points)
    expect(usOfRecord).toBeCloseTo(1.5)
    expect(usOfByte).toBeCloseTo(0.0046)
  })

  test('a cost of a large record that is 10 % off changes little about small ones', () => {
    const points = [100, 300, 1000, 100_000].map((bytes) => ({ bytes, us: 1.5 + 0.0046 * bytes }))
    const disturbed = points.map(({ bytes, us }) => ({ bytes, us: bytes === 100_000 ? us * 1.1 : us }))
    expect(costsBySize(disturbed).usOfRecord).toBeCloseTo(1.5, 0)
  })

  test('one size alone says nothing about bytes', () => {
    expect(costsBySize([{ bytes: 300, us: 3 }])).toEqual({ usOfRecord: expect.closeTo(3), usOfByte: 0 })
  })

  test('divides a load by instances, and multiplies brokers by replicas', () => {
    const costs = { usOfRecord: 2, usOfByte: 0.01, usOfRow: 5, brokerUsOfRecord: 0.5, ofTwoThreads: 1.5 }
    const load = { instances: 50, recordsPerSecond: 1_000_000, recordBytes: 300, replicas: 3 }
    expect(forecast(costs, load)).toEqual({
      recordsPerSecondOfInstance: 20_000,
      coresOfInstance: 0.2,
      brokerCores: 1.5,
      mostOfOneThread: 100_000,
      mostOfTwoThreads: 150_000,
      megabytesPerSecond: 300,
    })
  })

  test('measures each case once, and cases with the same records read the same topic', () => {
    const points = pointsOf({ threads: [1, 2], keys: [10_000], partitions: [6, 60], bytes: [300, 1000] })
    expect(points).toHaveLength(6)
    expect(points.filter((point) => inputOf(point) === inputOf(base)).map(({ job }) => job)).toEqual([
      'copy',
      'count',
      'parse',
      'parse',
    ])
  })
})
