import { gunzipSync, gzipSync } from 'node:zlib'
import type { Compression } from '../port.ts'
import { compressLz4, decompressLz4 } from './compression-lz4.ts'
import { compressXerial, decompressSnappy } from './compression-snappy.ts'
import { zstd } from './compression-zstd.ts'

interface Codec {
  compress(bytes: Buffer): Buffer
  decompress(bytes: Buffer): Buffer
}

/** The number of a codec in the attributes of a batch. */
export const codecIds: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

const same = (bytes: Buffer): Buffer => bytes

const codecs: readonly Codec[] = [
  { compress: same, decompress: same },
  { compress: (bytes) => gzipSync(bytes), decompress: (bytes) => gunzipSync(bytes) },
  { compress: compressXerial, decompress: decompressSnappy },
  { compress: compressLz4, decompress: decompressLz4 },
  { compress: (bytes) => zstd().compress(bytes), decompress: (bytes) => zstd().decompress(bytes) },
]

export function isKnownCodec(codecId: number): boolean {
  return codecs[codecId] !== undefined
}

/** `codecId` must be known. Throws whatever the codec throws on damaged input. */
export function decompress(codecId: number, bytes: Buffer): Buffer {
  return codecs[codecId]!.decompress(bytes)
}

export function compress(compression: Compression, bytes: Buffer): Buffer {
  return codecs[codecIds[compression]]!.compress(bytes)
}
