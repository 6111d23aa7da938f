import * as zlib from 'node:zlib'
import { MillraceError } from '../../../core/errors.ts'
import { checkUnpacked, unpackedBytesMax } from './unpacked-bound.ts'

interface Zstd {
  compress(bytes: Buffer): Buffer
  decompress(bytes: Buffer): Buffer
}

/** Java writes frames without a content size; the output buffer is then guessed, up to the largest batch worth reading. */
const guessedBytes = 1024 * 1024

/**
 * Once per process, as the module itself is: the first consumer or producer that needs it loads it, all others wait for the same
 * promise.
 */
let loading: Promise<void> | undefined
let loaded: Zstd | undefined

/** Without it only batches that need zstd fail. */
export function isZstdLoaded(): boolean {
  return loaded !== undefined
}

/** Makes zstd usable in this process; to be awaited before the first batch that needs it, since it takes megabytes. */
export function loadZstd(): Promise<void> {
  loading ??= load()
  return loading
}

export function zstd(): Zstd {
  if (loaded) return loaded
  throw new MillraceError('CODEC_NOT_LOADED', 'fatal', 'zstd is used before loadZstd() resolved: await it first')
}

async function load(): Promise<void> {
  loaded = native() ?? (await wasm())
}

function native(): Zstd | undefined {
  const functions = zlib as unknown as {
    zstdCompressSync?: (bytes: Buffer) => Buffer
    zstdDecompressSync?: (bytes: Buffer, options: { readonly maxOutputLength: number }) => Buffer
  }
  const { zstdCompressSync: compress, zstdDecompressSync: decompress } = functions
  if (!compress || !decompress) return undefined
  return { compress, decompress: (bytes) => decompress(bytes, { maxOutputLength: unpackedBytesMax }) }
}

async function wasm(): Promise<Zstd> {
  const module = await import('@bokuweb/zstd-wasm')
  await module.init()
  return {
    compress: (bytes) => asBuffer(module.compress(bytes, 3)),
    decompress(bytes) {
      const contentBytes = contentBytesOf(bytes)
      checkUnpacked(contentBytes ?? 0)
      let size = Math.max(guessedBytes, bytes.length * 8)
      for (;;) {
        try {
          return asBuffer(module.decompress(bytes, { defaultHeapSize: size }))
        } catch (error) {
          if (contentBytes !== undefined || size >= unpackedBytesMax) throw error
          size *= 4
        }
      }
    },
  }
}

const dictionaryIdBytes = [0, 1, 2, 4] as const

/** The size of the content as the header of a frame gives it, for which room is made before a byte is read. */
function contentBytesOf(bytes: Buffer): number | undefined {
  const descriptor = bytes.readUInt8(4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const position = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes[(descriptor & 3) as 0 | 1 | 2 | 3]
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? bytes.readUInt8(position) : undefined
    case 1:
      return bytes.readUInt16LE(position) + 256
    case 2:
      return bytes.readUInt32LE(position)
    default:
      return Number(bytes.readBigUInt64LE(position))
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
