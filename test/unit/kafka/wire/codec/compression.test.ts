import { beforeAll, describe, expect, test } from '@jest/globals'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import type { Compression } from '../../../../../src/kafka/port.ts'
import { codecIds, compress, decompress } from '../../../../../src/kafka/wire/codec/compression.ts'
import { loadZstd } from '../../../../../src/kafka/wire/codec/compression-zstd.ts'

const text = (length: number): Buffer =>
  Buffer.from('the quick brown fox 0123456789 '.repeat(length / 31 + 1)).subarray(0, length)
const noise = (length: number): Buffer => {
  let state = 12345
  return Buffer.from(Uint8Array.from({ length }, () => (state = (state * 16807) % 2147483647) & 0xff))
}

beforeAll(() => loadZstd())

describe.each<Compression>(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('%s', (compression) => {
  test.each([1, 100, 32 * 1024, 65 * 1024, 300 * 1024, 2 * 1024 * 1024, 9 * 1024 * 1024])(
    'round trips %d bytes',
    (length) => {
      for (const bytes of [text(length), noise(length)]) {
        expect(decompress(codecIds[compression], compress(compression, bytes)).equals(bytes)).toBe(true)
      }
    },
  )
})

describe('lz4 frames', () => {
  test('are read by another frame reader, header checksum included', () => {
    for (const length of [10, 70_000, 300_000, 1_100_000, 5_000_000]) {
      expect(decompressFrameSync(compress('lz4', text(length))).equals(text(length))).toBe(true)
    }
  })

  test.each([
    [{}],
    [{ contentChecksum: true }],
    [{ blockChecksums: true }],
    [{ contentChecksum: true, blockChecksums: true }],
  ])('of another writer are read with %j', (options) => {
    for (const length of [10, 70_000, 5_000_000]) {
      expect(decompress(codecIds.lz4, compressFrameSync(text(length), options)).equals(text(length))).toBe(true)
    }
  })

  test('throw when cut anywhere', () => {
    const frame = compress('lz4', text(1000))
    for (let length = 0; length < frame.length; length++) {
      expect(() => decompress(codecIds.lz4, frame.subarray(0, length))).toThrow()
    }
  })
})

describe('snappy', () => {
  test('without the frame that Java writes is read too', () => {
    expect(decompress(codecIds.snappy, compressSync(text(5000))).equals(text(5000))).toBe(true)
  })

  test('begins with the frame that Java writes', () => {
    expect(compress('snappy', text(10)).subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001')
  })
})

describe('zstd', () => {
  test('without a content size in its frame is read', () => {
    // 3 MiB of zero bytes, written by the zstd command from a pipe.
    const frame = Buffer.from(
      '28b52ffd04585400001000000100fbff39c002020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000200100002001000020010000300100072b432e4',
      'hex',
    )
    expect(decompress(codecIds.zstd, frame).equals(Buffer.alloc(3 * 1024 * 1024))).toBe(true)
  })
})
