import { describe, expect, test } from '@jest/globals'
import { BatchBuffers } from '../../../../../src/kafka/wire/codec/batch-buffers.ts'
import { decodeBatch } from '../../../../../src/kafka/wire/codec/record-batch-reader.ts'
import { RecordBatchWriter, stampBatch } from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { readBatchHeader } from '../../../../../src/kafka/wire/codec/record-codec.ts'

function valuesOf(bytes: Buffer): (string | undefined)[] {
  stampBatch(bytes, -1, -1, -1)
  const batch = decodeBatch('logs', 0, bytes, readBatchHeader(bytes, 0)!, 0)
  return Array.from({ length: batch.count }, (_, index) => batch.value(index)?.toString())
}

describe('buffers of batches', () => {
  test('are used again once a batch is sealed', () => {
    const buffers = new BatchBuffers()
    const first = buffers.take()
    buffers.giveBack(first)
    expect(buffers.take()).toBe(first)
  })

  test('are never shared by two batches under construction', () => {
    const buffers = new BatchBuffers()
    const [left, right] = [new RecordBatchWriter(buffers), new RecordBatchWriter(buffers)]
    left.append(null, Buffer.from('left 1'), 1, [])
    right.append(null, Buffer.from('right 1'), 1, [])
    left.append(null, Buffer.from('left 2'), 1, [])
    const sealedLeft = left.seal('none')
    left.append(null, Buffer.from('left 3'), 1, [])
    expect(valuesOf(right.seal('none'))).toEqual(['right 1'])
    expect(valuesOf(sealedLeft)).toEqual(['left 1', 'left 2'])
    expect(valuesOf(left.seal('none'))).toEqual(['left 3'])
  })

  test('are not kept when they grew beyond use', () => {
    const buffers = new BatchBuffers()
    const large = Buffer.alloc(2 * 1024 * 1024)
    buffers.giveBack(large)
    expect(buffers.take()).not.toBe(large)
  })

  test('are kept in a bounded number', () => {
    const buffers = new BatchBuffers()
    const given = new Set<Buffer>(Array.from({ length: 100 }, () => Buffer.alloc(8)))
    for (const buffer of given) buffers.giveBack(buffer)
    const taken = Array.from(given, () => buffers.take())
    expect(taken.filter((buffer) => given.has(buffer))).toHaveLength(16)
  })

  test('leave a sealed batch no larger than its bytes', () => {
    const writer = new RecordBatchWriter()
    writer.append(null, Buffer.alloc(5000), 1, [])
    const batch = writer.seal('none')
    expect(batch.buffer.byteLength).toBe(batch.length)
  })
})
