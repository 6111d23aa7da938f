import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Reader } from '../../../../../src/kafka/wire/protocol/reader.ts'
import { Writer } from '../../../../../src/kafka/wire/protocol/writer.ts'

function written(write: (writer: Writer) => void): Buffer {
  const writer = new Writer(1)
  write(writer)
  return writer.finish()
}

describe('primitives of the protocol', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [0xffff_ffff, 'ffffffff0f'],
  ])('write %d as a variable-length integer', (value, hex) => {
    expect(written((writer) => writer.uvarint(value)).toString('hex')).toBe(hex)
    expect(new Reader(Buffer.from(hex, 'hex')).uvarint()).toBe(value)
  })

  test('carry every safe integer through 64 bits', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = written((writer) => writer.int64(value))
        expect(bytes.readBigInt64BE(0)).toBe(BigInt(value))
        expect(new Reader(bytes).int64()).toBe(value)
      }),
    )
  })

  test('hand large bytes on without a copy, in their place', () => {
    const large = Buffer.alloc(16 * 1024, 7)
    const small = Buffer.alloc(100, 8)
    const writer = new Writer(1)
    writer.int32(1)
    writer.compactBytes(large)
    writer.compactBytes(small)
    writer.compactBytes(large)
    const reader = new Reader(Buffer.concat(writer.finishParts()))
    expect([
      reader.int32(),
      reader.compactBytes(),
      reader.compactBytes(),
      reader.compactBytes(),
      reader.remaining,
    ]).toEqual([1, large, small, large, 0])
    expect(writer.finishParts().filter((part) => part.buffer === large.buffer)).toHaveLength(2)
  })

  test('refuse a 64-bit integer beyond 2^53 instead of rounding it', () => {
    const bytes = Buffer.from('0020000000000001', 'hex')
    expect(() => new Reader(bytes).int64()).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }))
    expect(() => written((writer) => writer.int64(2 ** 53))).toThrow(
      expect.objectContaining({ code: 'UNSAFE_INTEGER' }),
    )
  })

  test('carry text, bytes, null and lists in the old and in the compact layout', () => {
    fc.assert(
      fc.property(
        fc.option(fc.string({ unit: 'grapheme', maxLength: 400 })),
        fc.option(fc.uint8Array({ maxLength: 400 })),
        fc.option(fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))),
        (text, bytes, list) => {
          const frame = written((writer) => {
            writer.nullableString(text)
            writer.nullableCompactString(text)
            writer.nullableBytes(bytes)
            writer.nullableCompactBytes(bytes)
            writer.nullableArray(list, (to, _, item) => to.int32(item), 0)
            writer.nullableCompactArray(list, (to, _, item) => to.int32(item), 0)
          })
          const reader = new Reader(frame)
          const plain = (value: Uint8Array | null) => (value === null ? null : [...value])
          const expectedBytes = plain(bytes)
          expect([reader.nullableString(), reader.nullableCompactString()]).toEqual([text, text])
          expect([plain(reader.nullableBytes()), plain(reader.nullableCompactBytes())]).toEqual([
            expectedBytes,
            expectedBytes,
          ])
          const int = (from: Reader) => from.int32()
          expect([reader.nullableArray(int, 0), reader.nullableCompactArray(int, 0)]).toEqual([list, list])
          expect(reader.remaining).toBe(0)
        },
      ),
    )
  })

  test('never read past a frame that was cut short', () => {
    const frame = written((writer) => {
      writer.compactString('a topic')
      writer.uuid('AQIDBAUGBwgJCgsMDQ4PEA')
      writer.int64(5)
    })
    for (let length = 0; length < frame.length; length++) {
      const reader = new Reader(frame.subarray(0, length))
      const readAll = () => [reader.compactString(), reader.uuid(), reader.int64()]
      expect(readAll).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }))
    }
  })

  test('refuse a list that claims more items than the frame has bytes', () => {
    const frame = Buffer.from('7fffffff00', 'hex')
    expect(() => new Reader(frame).array((from) => from.int8(), 0)).toThrow(/array of 2147483647 items/)
  })

  test('refuse a uuid that is not one', () => {
    expect(() => written((writer) => writer.uuid('short'))).toThrow(expect.objectContaining({ code: 'INVALID_UUID' }))
  })

  test('skip tagged fields that are not known', () => {
    const frame = Buffer.from('02' + '0003aabbcc' + '0501ff' + '2a', 'hex')
    const reader = new Reader(frame)
    reader.skipTags()
    expect(reader.int8()).toBe(42)
  })
})
