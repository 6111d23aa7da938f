import { describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import type { SinkItem } from '../../../src/sinks/batch-target.ts'
import { Batcher } from '../../../src/sinks/batcher.ts'

function item(bytes: number): SinkItem {
  const place = { topic: 't', partition: 0, offset: 0, sequence: 0, timestamp: 0 }
  return { record: { ...place, key: null, value: null, headers: noHeaders }, bytes }
}

describe('a batcher', () => {
  const settings = { maxRecords: 3, maxBytes: 100, maxAgeMs: 1000 }

  function sizesOf(bytes: readonly number[]): { complete: number[][]; rest: number } {
    const batcher = new Batcher(settings)
    const complete = bytes.flatMap((size) => batcher.add(item(size), 0)).map((batch) => batch.map((one) => one.bytes))
    return { complete, rest: batcher.take().length }
  }

  test('completes a batch by its count', () => {
    expect(sizesOf([1, 2, 3, 4])).toEqual({ complete: [[1, 2, 3]], rest: 1 })
  })

  test('completes the batch that an item does not fit in', () => {
    expect(sizesOf([60, 50, 10])).toEqual({ complete: [[60]], rest: 2 })
  })

  test('gives an item that is larger than a batch a batch of its own', () => {
    expect(sizesOf([10, 500, 10])).toEqual({ complete: [[10], [500]], rest: 1 })
  })

  test('is due by the age of its first item', () => {
    const batcher = new Batcher(settings)
    expect(batcher.isDue(5000)).toBe(false)
    batcher.add(item(1), 5000)
    batcher.add(item(1), 5900)
    expect([batcher.isDue(5999), batcher.isDue(6000)]).toEqual([false, true])
  })
})
