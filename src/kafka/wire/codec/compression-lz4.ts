import { compressSync, decompressFrameSync, uncompressSync } from 'lz4-napi'
import { checkUnpacked } from './unpacked-bound.ts'

/**
 * The lz4 frame format around lz4-napi's block functions: its own frame functions are many times slower (measured: a
 * batch of 60 KB takes 150 us to read as a frame, 20 us as a block).
 * Written: independent blocks, no checksums (the batch has one), which is what Java's reader accepts.
 */
const magic = 0x184d2204
const headerBytes = 7
const versionAndIndependentBlocks = 0x60
const storedBit = 0x80000000

/** Block sizes by their code in the frame header, with the header's checksum for what this file writes. */
const blockSizes = [
  { code: 4, bytes: 64 * 1024, headerChecksum: 0x82 },
  { code: 5, bytes: 256 * 1024, headerChecksum: 0xfb },
  { code: 6, bytes: 1024 * 1024, headerChecksum: 0x51 },
  { code: 7, bytes: 4 * 1024 * 1024, headerChecksum: 0x73 },
] as const

export function compressLz4(bytes: Buffer, headBytes: number): Buffer {
  const size = blockSizes.find((each) => each.bytes >= bytes.length) ?? blockSizes[3]
  const parts: Buffer[] = [Buffer.allocUnsafe(headBytes), frameHeader(size.code, size.headerChecksum)]
  for (let start = 0; start < bytes.length; start += size.bytes) {
    const chunk = bytes.subarray(start, start + size.bytes)
    const block = compressSync(chunk)
    const blockLength = block.length - 4
    if (blockLength < chunk.length) {
      block.writeUInt32LE(blockLength, 0)
      parts.push(block)
    } else {
      parts.push(uint32((storedBit | chunk.length) >>> 0), chunk)
    }
  }
  parts.push(uint32(0))
  return Buffer.concat(parts)
}

/** Throws RangeError, or what lz4-napi throws, on bytes that are no whole frame. */
export function decompressLz4(bytes: Buffer): Buffer {
  if (bytes.length < headerBytes || bytes.readUInt32LE(0) !== magic) throw new RangeError('no lz4 frame begins here')
  const flags = bytes[4]!
  const blockSize = blockSizes[((bytes[5]! >> 4) & 7) - 4]
  const areIndependent = (flags & 0x20) !== 0
  const hasDictionary = (flags & 0x01) !== 0
  if (!areIndependent || hasDictionary || blockSize === undefined) return decompressFrameSync(bytes)
  const trailerBytes = (flags & 0x10) !== 0 ? 4 : 0
  const parts: Buffer[] = []
  let unpackedBytes = 0
  let position = headerBytes + ((flags & 0x08) !== 0 ? 8 : 0)
  for (;;) {
    const mark = bytes.readUInt32LE(position)
    position += 4
    if (mark === 0) break
    const length = mark & 0x7fffffff
    if (position + length > bytes.length) throw new RangeError(`an lz4 block of ${length} bytes does not fit`)
    const block = bytes.subarray(position, position + length)
    const unpacked = mark >= storedBit ? block : decompressBlock(block, blockSize.bytes)
    checkUnpacked((unpackedBytes += unpacked.length))
    parts.push(unpacked)
    position += length + trailerBytes
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** Reused by all connections of the process: no bytes in it are read after the call that wrote them. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024)

/** lz4-napi wants the size before the block; a bound is enough, the result is cut to what there is. */
function decompressBlock(block: Buffer, sizeBound: number): Buffer {
  if (scratch.length < 4 + block.length) scratch = Buffer.allocUnsafeSlow(4 + block.length)
  scratch.writeUInt32LE(Math.min(sizeBound, block.length * 255), 0)
  block.copy(scratch, 4)
  return uncompressSync(scratch.subarray(0, 4 + block.length))
}

function frameHeader(code: number, checksum: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes)
  header.writeUInt32LE(magic, 0)
  header[4] = versionAndIndependentBlocks
  header[5] = code << 4
  header[6] = checksum
  return header
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value, 0)
  return bytes
}
