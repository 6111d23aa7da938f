import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from '@jest/globals'
import type { Compression } from '../../../../../src/kafka/port.ts'
import { codecIds, compress, decompress } from '../../../../../src/kafka/wire/codec/compression.ts'
import { loadZstd } from '../../../../../src/kafka/wire/codec/compression-zstd.ts'
import { unpackedBytesMax } from '../../../../../src/kafka/wire/codec/unpacked-bound.ts'

beforeAll(() => loadZstd())

/** In blocks of which each is small. */
function manyBlocks(compression: Compression): Buffer {
  const bytes = compress(compression, Buffer.alloc(4 * 1024 * 1024))
  const [head, tail] = compression === 'lz4' ? [7, 4] : [16, 0]
  const blocks = bytes.subarray(head, bytes.length - tail)
  const count = unpackedBytesMax / (4 * 1024 * 1024) + 1
  return Buffer.concat([
    bytes.subarray(0, head),
    ...Array<Buffer>(count).fill(blocks),
    bytes.subarray(bytes.length - tail),
  ])
}

/** A frame of which the header alone says how much there is. */
function zstdHeader(contentBytes: number): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32LE(0xfd2fb528, 0)
  bytes[4] = 0xe0
  bytes.writeBigUInt64LE(BigInt(contentBytes), 5)
  return bytes
}

const oversized: readonly (readonly [string, Compression, () => Buffer])[] = [
  ['gzip', 'gzip', () => gzipSync(Buffer.alloc(unpackedBytesMax + 1), { level: 1 })],
  ['snappy by its header', 'snappy', () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])],
  ['snappy in blocks', 'snappy', () => manyBlocks('snappy')],
  ['lz4 in blocks', 'lz4', () => manyBlocks('lz4')],
  ['zstd by its header', 'zstd', () => zstdHeader(2 ** 31)],
]

test.each(oversized)(
  'a batch that is small on its way and endless unpacked is refused: %s',
  (_name, compression, packed) => {
    expect(() => decompress(codecIds[compression], packed())).toThrow(/unpacked|larger than \d+ bytes/)
  },
)
