import * as zlib from 'node:zlib'
import { MillraceError } from '../../core/errors.ts'

interface Zstd {
  compress(bytes: Buffer): Buffer
  decompress(bytes: Buffer): Buffer
}

/** Java writes frames without a content size; the output buffer is then guessed, up to the largest batch worth reading. */
const guessedBytes = 1024 * 1024
const largestBytes = 256 * 1024 * 1024

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
    zstdDecompressSync?: (bytes: Buffer) => Buffer
  }
  const { zstdCompressSync: compress, zstdDecompressSync: decompress } = functions
  return compress && decompress ? { compress, decompress } : undefined
}

async function wasm(): Promise<Zstd> {
  const module = await import('@bokuweb/zstd-wasm')
  await module.init()
  return {
    compress: (bytes) => asBuffer(module.compress(bytes, 3)),
    decompress(bytes) {
      let size = Math.max(guessedBytes, bytes.length * 8)
      for (;;) {
        try {
          return asBuffer(module.decompress(bytes, { defaultHeapSize: size }))
        } catch (error) {
          if (hasContentSize(bytes) || size >= largestBytes) throw error
          size *= 4
        }
      }
    },
  }
}

/** From the frame header descriptor: a content size field, or the single segment flag that implies one. */
function hasContentSize(bytes: Buffer): boolean {
  const descriptor = bytes[4] ?? 0
  return descriptor >> 6 !== 0 || (descriptor & 0x20) !== 0
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
