import { gunzipSync, gzipSync } from 'node:zlib'
import type { Compression } from '../../port.ts'
import { compressLz4, decompressLz4 } from './compression-lz4.ts'
import { compressXerial, decompressSnappy } from './compression-snappy.ts'
import { zstd } from './compression-zstd.ts'
import { unpackedBytesMax } from './unpacked-bound.ts'

interface Codec {
  /** The result begins with `headBytes` bytes that the caller will fill. */
  compress(bytes: Buffer, headBytes: number): Buffer
  decompress(bytes: Buffer): Buffer
}

/** The number of a codec in the attributes of a batch. */
export const codecIds: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

/** In one buffer of exactly the size, whose first `headBytes` are the caller's to fill. */
function behindHead(headBytes: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.allocUnsafe(headBytes), bytes])
}

const codecs: readonly Codec[] = [
  { compress: (bytes, headBytes) => behindHead(headBytes, bytes), decompress: (bytes) => bytes },
  {
    compress: (bytes, headBytes) => behindHead(headBytes, gzipSync(bytes)),
    decompress: (bytes) => gunzipSync(bytes, { maxOutputLength: unpackedBytesMax }),
  },
  { compress: compressXerial, decompress: decompressSnappy },
  { compress: compressLz4, decompress: decompressLz4 },
  {
    compress: (bytes, headBytes) => behindHead(headBytes, zstd().compress(bytes)),
    decompress: (bytes) => zstd().decompress(bytes),
  },
]

export function isKnownCodec(codecId: number): boolean {
  return codecs[codecId] !== undefined
}

/** `codecId` must be known. Throws whatever the codec throws on damaged input. */
export function decompress(codecId: number, bytes: Buffer): Buffer {
  return codecs[codecId]!.decompress(bytes)
}

/** A new buffer: `headBytes` bytes for the caller to fill, then the compressed bytes. */
export function compress(compression: Compression, bytes: Buffer, headBytes = 0): Buffer {
  return codecs[codecIds[compression]]!.compress(bytes, headBytes)
}
