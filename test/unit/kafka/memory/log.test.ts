import { describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../../src/core/headers.ts'
import { PartitionLog } from '../../../../src/kafka/memory/log.ts'
import type { RecordBatch } from '../../../../src/kafka/record-batch.ts'

const bytes = (text: string) => Buffer.from(text)

function logOf(...records: readonly (readonly [key: string | null, value: string | null])[]): PartitionLog {
  const log = new PartitionLog('orders', 0, '')
  records.forEach(([key, value], time) => {
    log.append(key === null ? null : bytes(key), value === null ? null : bytes(value), time * 10, noHeaders)
  })
  return log
}

function textsOf(batch: RecordBatch | undefined): readonly string[] {
  return Array.from({ length: batch?.count ?? 0 }, (_, index) => {
    const value = batch?.value(index)
    return `${batch?.offset(index)}:${value ? Buffer.from(value).toString() : value}`
  })
}

function everything(log: PartitionLog): readonly string[] {
  const texts: string[] = []
  for (let offset = log.startOffset; ; ) {
    const batch = log.read(offset, 1_000)
    if (batch === undefined) return texts
    texts.push(...textsOf(batch))
    offset = batch.nextOffset
  }
}

describe('a log', () => {
  test('reads from any offset to its end', () => {
    const log = logOf([null, 'a'], [null, 'b'], [null, 'c'])
    expect([0, 1, 2, 3].map((offset) => textsOf(log.read(offset, 1_000)))).toEqual([
      ['0:a', '1:b', '2:c'],
      ['1:b', '2:c'],
      ['2:c'],
      [],
    ])
  })

  test('reads no more bytes than asked, but always a record', () => {
    const log = logOf([null, 'aaaa'], [null, 'bbbb'], [null, 'cccc'])
    expect([1, 4, 7, 8, 12].map((bytesMax) => log.read(0, bytesMax)?.count)).toEqual([1, 1, 1, 2, 3])
  })

  test('counts the bytes of keys, values and headers', () => {
    const log = new PartitionLog('orders', 0, '')
    log.append(bytes('key'), bytes('value'), 0, [{ key: 'header', value: bytes('x') }])
    log.append(null, null, 0, noHeaders)
    expect(log.read(0, 100)?.byteLength).toBe(15)
  })

  test('keeps thousands of records over many segments', () => {
    const log = new PartitionLog('orders', 0, '')
    for (let index = 0; index < 20_000; index++) log.append(null, bytes(`value ${index}`), index, noHeaders)
    const texts = everything(log)
    expect(texts).toHaveLength(20_000)
    expect(texts.every((text, index) => text === `${index}:value ${index}`)).toBe(true)
  })

  test('keeps a record of any size', () => {
    const log = new PartitionLog('orders', 0, '')
    const large = Buffer.alloc(3_000_000, 'x')
    log.append(null, bytes('small'), 0, noHeaders)
    log.append(null, large, 0, noHeaders)
    const batch = log.read(1, 1)
    expect(large.equals(batch?.value(0) ?? bytes(''))).toBe(true)
  })

  test('gives views that no later append, deletion or compaction changes', () => {
    const log = logOf(['k', 'first'])
    const batch = log.read(0, 1_000)
    log.append(bytes('k'), bytes('second'), 1, noHeaders)
    log.compact(Number.POSITIVE_INFINITY)
    log.deleteBefore(2)
    expect(textsOf(batch)).toEqual(['0:first'])
    expect(batch?.nextOffset).toBe(1)
  })

  test('finds the first record at or after a time', () => {
    const log = logOf([null, 'a'], [null, 'b'], [null, 'c'])
    expect([0, 5, 10, 20, 21].map((timestampMs) => log.offsetAt(timestampMs))).toEqual([0, 1, 1, 2, 3])
  })

  test('starts where it was cut, inside a segment too', () => {
    const log = logOf([null, 'a'], [null, 'b'], [null, 'c'])
    log.deleteBefore(1)
    expect([log.startOffset, log.endOffset, everything(log)]).toEqual([1, 3, ['1:b', '2:c']])
    expect(log.offsetAt(0)).toBe(1)
  })

  test('never starts earlier again', () => {
    const log = logOf([null, 'a'], [null, 'b'])
    log.deleteBefore(2)
    log.deleteBefore(1)
    expect(log.startOffset).toBe(2)
  })

  test('frees memory segment by segment', () => {
    const log = new PartitionLog('orders', 0, '')
    for (let index = 0; index < 10_000; index++) log.append(null, bytes('0123456789'), index, noHeaders)
    const before = log.retainedBytes
    log.deleteBefore(9_000)
    expect(log.retainedBytes).toBeLessThan(before / 2)
    log.deleteBefore(10_000)
    expect(log.retainedBytes).toBe(0)
  })
})

describe('compaction', () => {
  test('keeps the last record of each key at its offset', () => {
    const log = logOf(['a', '1'], ['b', '1'], ['a', '2'], ['c', '1'], ['a', '3'])
    log.compact(0)
    expect(everything(log)).toEqual(['1:1', '3:1', '4:3'])
    expect(log.endOffset).toBe(5)
  })

  test('tombstones are kept by default', () => {
    const log = logOf(['a', '1'], ['a', null], ['b', '1'])
    log.compact(1)
    expect(everything(log)).toEqual(['1:null', '2:1'])
    log.compact(Number.POSITIVE_INFINITY)
    expect(everything(log)).toEqual(['2:1'])
  })

  test('an empty key is distinguished from a binary key', () => {
    const log = logOf(['', '1'], ['=', '2'], ['\u0000', '3'])
    log.compact(0)
    expect(everything(log)).toEqual(['0:1', '1:2', '2:3'])
  })

  test('reading and writing continue during compaction', () => {
    const log = logOf(['a', '1'], ['a', '2'], ['a', null])
    log.compact(Number.POSITIVE_INFINITY)
    expect(log.read(0, 100)).toBeUndefined()
    log.append(bytes('b'), bytes('3'), 0, noHeaders)
    expect(everything(log)).toEqual(['3:3'])
  })
})
