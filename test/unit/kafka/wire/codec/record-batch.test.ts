import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ByteRanges } from '../../../../../src/core/byte-ranges.ts'
import type { Headers } from '../../../../../src/core/headers.ts'
import type { Compression } from '../../../../../src/kafka/port.ts'
import { loadZstd } from '../../../../../src/kafka/wire/codec/compression-zstd.ts'
import { decodeBatch, type FetchedBatch } from '../../../../../src/kafka/wire/codec/record-batch-reader.ts'
import {
  RecordBatchWriter,
  recordContentBytes,
  recordOverheadBytesMax,
  stampBatch,
} from '../../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { readBatchHeader } from '../../../../../src/kafka/wire/codec/record-codec.ts'

interface TestRecord {
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers
}

const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

function encode(records: readonly TestRecord[], compression: Compression): Buffer {
  const writer = new RecordBatchWriter()
  for (const record of records) writer.append(record.key, record.value, record.timestamp, record.headers)
  const batch = writer.seal(compression)
  stampBatch(batch, 4711, 3, 12)
  return batch
}

function decode(bytes: Buffer, fromOffset = 0): FetchedBatch {
  return decodeBatch('logs', 2, bytes, readBatchHeader(bytes, 0)!, fromOffset)
}

function partOf(ranges: ByteRanges, index: number): Buffer | null {
  const start = ranges.start(index)
  const length = ranges.length(index)
  return length < 0 ? null : ranges.bytes.subarray(start, start + length)
}

function recordsOf(batch: FetchedBatch): TestRecord[] {
  return Array.from({ length: batch.count }, (_, index) => ({
    timestamp: batch.timestamp(index),
    key: plain(batch.key(index)),
    value: plain(batch.value(index)),
    headers: batch.headers(index).map(({ key, value }) => ({ key, value: plain(value) })),
  }))
}

const plain = (bytes: Uint8Array | null): Uint8Array | null => (bytes === null ? null : Uint8Array.from(bytes))

const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })
const anyRecord: fc.Arbitrary<TestRecord> = fc.record({
  timestamp: fc.oneof(
    fc.constant(-1),
    fc.integer({ min: 0, max: 2 ** 45 }),
    fc.integer({ min: 1.7e12, max: 1.7e12 + 1e6 }),
  ),
  key: bytesOrNull,
  value: bytesOrNull,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 20 }), value: bytesOrNull }), {
    maxLength: 4,
  }),
})

const hello: TestRecord = { timestamp: 1_700_000_000_000, key: Buffer.from('k'), value: Buffer.from('v'), headers: [] }

beforeAll(() => loadZstd())

describe('record batch', () => {
  test.each(compressions)('gives back with %s what was written', (compression) => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 40 }), (records) => {
        expect(recordsOf(decode(encode(records, compression)))).toEqual(records)
      }),
      { numRuns: 60 },
    )
  })

  test('has its keys and values at the places that it says', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), (records) => {
        const batch = decode(encode(records, 'lz4'))
        const { places } = batch
        for (const [index, { key, value }] of records.entries()) {
          expect(partOf(places.keys, index)).toEqual(key)
          expect(partOf(places.values, index)).toEqual(value)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('is byte for byte what the format says', () => {
    const record = {
      timestamp: 1000,
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      headers: [{ key: 'h', value: null }],
    }
    const bytes = encode([record, { ...record, timestamp: 1002, key: null, headers: [] }], 'none')
    expect(bytes.toString('hex')).toBe(
      [
        '0000000000000000', // base offset
        '00000045', // length
        'ffffffff', // leader epoch
        '02', // magic
        '9b862012', // crc
        '0000', // attributes
        '00000001', // last offset delta
        '00000000000003e8', // base timestamp
        '00000000000003ea', // max timestamp
        '0000000000001267', // producer id
        '0003', // producer epoch
        '0000000c', // base sequence
        '00000002', // count
        '16' + '00' + '00' + '00' + '026b' + '0276' + '02' + '0268' + '01',
        '0e' + '00' + '04' + '02' + '01' + '0276' + '00',
      ].join(''),
    )
  })

  test('leaves out records below the asked offset', () => {
    const batch = decode(encode([hello, { ...hello, value: null }, { ...hello, key: null }], 'none'), 1)
    expect([batch.count, batch.offset(0), batch.value(0), batch.offset(1), batch.nextOffset]).toEqual([
      2,
      1,
      null,
      2,
      3,
    ])
  })

  test('is empty but knows its next offset when all its records are below the asked offset', () => {
    const batch = decode(encode([hello, hello], 'none'), 9)
    expect([batch.count, batch.nextOffset]).toEqual([0, 2])
  })

  test('takes the time of the log where the topic appends it', () => {
    const bytes = encode([hello], 'none')
    bytes.writeInt16BE(0x08, 21)
    bytes.writeInt32BE(0, 35)
    bytes.writeUInt32BE(77, 39)
    stampBatch(bytes, -1, -1, -1)
    expect(decode(bytes).timestamp(0)).toBe(77)
  })

  test('a sealed batch is followed by a new one without records of the old one', () => {
    const writer = new RecordBatchWriter()
    writer.append(null, Buffer.alloc(5000, 1), 5, [])
    const first = writer.seal('none')
    writer.append(Buffer.from('b'), null, 9, [])
    const second = writer.seal('none')
    stampBatch(first, -1, -1, -1)
    stampBatch(second, -1, -1, -1)
    expect(decode(first).value(0)).toEqual(Buffer.alloc(5000, 1))
    expect(recordsOf(decode(second))).toEqual([{ timestamp: 9, key: Uint8Array.from([98]), value: null, headers: [] }])
  })

  test('never takes more than its content and the overhead', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const writer = new RecordBatchWriter()
        writer.append(null, null, 0, [])
        const before = writer.byteLength
        writer.append(record.key, record.value, record.timestamp, record.headers)
        expect(writer.byteLength - before).toBeLessThanOrEqual(
          recordContentBytes(record.key, record.value, record.headers) + recordOverheadBytesMax,
        )
      }),
    )
  })
})

describe('a batch that cannot be read', () => {
  const located = { topic: 'logs', partition: 2, offset: 0 }

  test('is not there yet while its end is missing', () => {
    const bytes = encode([hello], 'none')
    for (let length = 0; length < bytes.length; length++)
      expect(readBatchHeader(bytes.subarray(0, length), 0)).toBeUndefined()
  })

  test('is CORRUPT_BATCH after any bit under the checksum has turned', () => {
    const bytes = encode([hello, hello], 'lz4')
    for (let position = 21; position < bytes.length; position++) {
      const damaged = Buffer.from(bytes)
      damaged[position]! ^= 0x10
      expect(() => decode(damaged)).toThrow(expect.objectContaining({ code: 'CORRUPT_BATCH', details: located }))
    }
  })

  test('is UNKNOWN_CODEC with a codec number nobody defined', () => {
    const bytes = encode([hello], 'none')
    bytes.writeInt16BE(5, 21)
    stampBatch(bytes, -1, -1, -1)
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'UNKNOWN_CODEC' }))
  })

  test.each(compressions.slice(1))('is CORRUPT_BATCH when its bytes are not %s', (compression) => {
    const bytes = encode([hello], compression)
    bytes.fill(0xff, 61)
    stampBatch(bytes, -1, -1, -1)
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'CORRUPT_BATCH' }))
  })

  test('is OLD_BATCH_FORMAT with magic 1', () => {
    const bytes = encode([hello], 'none')
    bytes[16] = 1
    expect(() => decode(bytes)).toThrow(
      expect.objectContaining({ code: 'OLD_BATCH_FORMAT', details: { ...located, magic: 1 } }),
    )
  })

  test('is CORRUPT_BATCH when its records are nonsense under a right checksum, and never hangs', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (noise, count) => {
          const bytes = Buffer.concat([encode([hello], 'none').subarray(0, 61), noise])
          bytes.writeInt32BE(bytes.length - 12, 8)
          bytes.writeInt32BE(count, 57)
          stampBatch(bytes, -1, -1, -1)
          let failure: unknown
          try {
            recordsOf(decode(bytes))
          } catch (error) {
            failure = error
          }
          if (failure !== undefined) expect(failure).toMatchObject({ code: 'CORRUPT_BATCH' })
        },
      ),
    )
  })
})
