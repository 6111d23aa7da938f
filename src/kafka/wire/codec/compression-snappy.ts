import { compressSync, uncompressSync } from 'snappy'
import { Reader } from '../protocol/reader.ts'
import { checkUnpacked } from './unpacked-bound.ts'

/**
 * Java writes snappy as xerial blocks: 8 bytes of magic, two int32 versions, then blocks of an int32 length and raw
 * snappy. Other clients write one raw block without a frame; both are read.
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const headerBytes = 16
const blockBytes = 32 * 1024

export function compressXerial(bytes: Buffer, headBytes: number): Buffer {
  const header = Buffer.alloc(headerBytes)
  magic.copy(header)
  header.writeInt32BE(1, 8)
  header.writeInt32BE(1, 12)
  const parts: Buffer[] = [Buffer.allocUnsafe(headBytes), header]
  for (let start = 0; start < bytes.length; start += blockBytes) {
    const block = compressSync(bytes.subarray(start, start + blockBytes))
    const length = Buffer.alloc(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

export function decompressSnappy(bytes: Buffer): Buffer {
  if (bytes.length < headerBytes || magic.compare(bytes, 0, magic.length) !== 0) return raw(bytes)
  const parts: Buffer[] = []
  let unpackedBytes = 0
  let position = headerBytes
  while (position < bytes.length) {
    const length = bytes.readInt32BE(position)
    position += 4
    if (length < 0 || position + length > bytes.length)
      throw new RangeError(`a snappy block of ${length} bytes does not fit`)
    const unpacked = raw(bytes.subarray(position, position + length))
    checkUnpacked((unpackedBytes += unpacked.length))
    parts.push(unpacked)
    position += length
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** A block begins with its size, for which room is made before a byte is read. */
function raw(block: Buffer): Buffer {
  checkUnpacked(new Reader(block).uvarint())
  return uncompressSync(block, { asBuffer: true }) as Buffer
}
