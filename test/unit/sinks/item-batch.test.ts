import { beforeEach, describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../src/core/errors.ts'
import { BufferPool } from '../../../src/sinks/buffer-pool.ts'
import { ItemBatch } from '../../../src/sinks/item-batch.ts'
import type { SinkRecord } from '../../../src/sinks/port.ts'

const headers = [{ key: 'h', value: null }]

function record(offset: number, value: string): SinkRecord {
  return { topic: 't', partition: 1, offset, sequence: 2, timestamp: 3, key: 'k', value, headers }
}

describe('a batch of items', () => {
  const maxBytes = 13
  let batch: ItemBatch

  beforeEach(() => {
    const format = {
      write: ({ value }: SinkRecord, lines: { addLine(prefix: string, text: string, suffix: string): void }) => {
        lines.addLine('<', value as string, '>')
        if (value === 'bad') throw new MillraceError('DOCUMENT_INVALID', 'record', 'bad')
      },
      documentIn: (item: Buffer) => item.subarray(1, -2),
    }
    batch = new ItemBatch({ format, pool: new BufferPool({ maxBytes, maxBufferedBytes: 0 }), maxBytes })
  })

  test('is the body of a request', () => {
    expect([batch.add(record(0, 'a')), batch.add(record(1, 'bc'))]).toEqual([true, true])
    expect([batch.body.toString(), batch.records, batch.bytes]).toEqual(['<a>\n<bc>\n', 2, 9])
  })

  test('does not take what would make it too big', () => {
    batch.add(record(0, 'abcdefg'))
    expect([batch.add(record(1, 'x')), batch.body.toString(), batch.records]).toEqual([false, '<abcdefg>\n', 1])
  })

  test('takes anything while it is empty', () => {
    expect(batch.add(record(0, 'much more than that'))).toBe(true)
  })

  test('holds nothing of a document that could not be written', () => {
    batch.add(record(0, 'a'))
    expect(() => batch.add(record(1, 'bad'))).toThrow('bad')
    expect([batch.body.toString(), batch.records]).toEqual(['<a>\n', 1])
  })

  test('a rejection has the record with the document as it was sent, in separate memory', () => {
    for (const [offset, value] of ['a', 'bc', 'd'].entries()) batch.add(record(offset, value))
    const rejection = batch.rejection(1, 'CODE', 'why')
    batch.body.fill(0)
    expect(rejection).toEqual({ record: { ...record(1, ''), value: Buffer.from('bc') }, code: 'CODE', reason: 'why' })
  })

  test('what is picked has its records with it', () => {
    for (const [offset, value] of ['a', 'bc', 'd'].entries()) batch.add(record(offset, value))
    const picked = batch.pick([0, 2])
    expect([picked.body.toString(), picked.records]).toEqual(['<a>\n<d>\n', 2])
    expect(picked.rejection(1, 'CODE', 'why').record).toMatchObject({ offset: 2, key: 'k', headers })
  })

  test('is halved in its order', () => {
    for (const [offset, value] of ['a', 'b', 'c'].entries()) batch.add(record(offset, value))
    expect(batch.halves().map(({ body }) => body.toString())).toEqual(['<a>\n', '<b>\n<c>\n'])
  })
})
