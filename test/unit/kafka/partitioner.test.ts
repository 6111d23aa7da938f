import { describe, expect, test } from '@jest/globals'
import { murmur2, partitionOfKey, StickyPartitioner, toPositive } from '../../../src/kafka/partitioner.ts'

describe('murmur2', () => {
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Java does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })
})

describe('partitionOfKey', () => {
  test('drops the sign bit instead of taking the absolute value', () => {
    expect(toPositive(-973932308)).toBe(1173551340)
    expect(partitionOfKey(Buffer.from('21'), 7)).toBe(1173551340 % 7)
  })
})

const any = () => true
const none = () => false

describe('StickyPartitioner', () => {
  test('stays on one partition until it took its share of bytes', () => {
    const draws = [0.1, 0.9]
    const sticky = new StickyPartitioner(100, any, () => draws.shift()!)
    expect([50, 50, 50, 50].map((size) => sticky.choose(10, size))).toEqual([1, 1, 9, 9])
  })

  test('gives every partition about the same number of bytes', () => {
    let state = 7
    const sticky = new StickyPartitioner(1000, any, () => (state = (state * 16807) % 2147483647) / 2147483647)
    const bytes = new Array<number>(4).fill(0)
    for (let record = 0; record < 40_000; record++) bytes[sticky.choose(4, 100)]! += 100
    for (const share of bytes) expect(share / 4_000_000).toBeCloseTo(0.25, 1)
  })

  test('leaves a partition that a smaller topic does not have', () => {
    const sticky = new StickyPartitioner(1_000_000, any, () => 0.9)
    sticky.choose(10, 1)
    expect(sticky.choose(2, 1)).toBe(1)
  })

  test('leaves out partitions that have no leader, unless none has', () => {
    const picked = new Set<number>()
    for (let round = 0; round < 200; round++) picked.add(new StickyPartitioner(1, (each) => each > 1).choose(4, 10))
    expect([...picked].sort()).toEqual([2, 3])
    expect(new StickyPartitioner(1, none, () => 0.5).choose(4, 10)).toBe(2)
  })
})
