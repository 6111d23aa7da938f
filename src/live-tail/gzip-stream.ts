import { constants, crc32, deflateRawSync } from 'node:zlib'

const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
/** An empty block that is the last one. */
const lastBlock = Buffer.from([1, 0, 0, 0xff, 0xff])
const storedMost = 0xffff
const compressedFrom = 1024

/**
 * Parts of one gzip stream, each of which can be read at once: those of 1 KiB and more are compressed, shorter ones are
 * stored. Nothing is held between parts, so that thousands of streams need no memory.
 */
export class GzipStream {
  #crc = 0
  #length = 0
  #isBegun = false

  part(text: string): Buffer {
    const bytes = Buffer.from(text)
    this.#crc = crc32(bytes, this.#crc)
    this.#length = (this.#length + bytes.length) >>> 0
    const blocks = bytes.length < compressedFrom ? storedBlock(bytes) : compressedBlocks(bytes)
    if (this.#isBegun) return blocks
    this.#isBegun = true
    return Buffer.concat([header, blocks])
  }

  end(): Buffer {
    const sums = Buffer.alloc(8)
    sums.writeUInt32LE(this.#crc >>> 0, 0)
    sums.writeUInt32LE(this.#length, 4)
    return Buffer.concat(this.#isBegun ? [lastBlock, sums] : [header, lastBlock, sums])
  }
}

function storedBlock(bytes: Buffer): Buffer {
  const block = Buffer.allocUnsafe(5 + bytes.length)
  block[0] = 0
  block.writeUInt16LE(bytes.length, 1)
  block.writeUInt16LE(bytes.length ^ storedMost, 3)
  bytes.copy(block, 5)
  return block
}

/** A flush ends at a byte, and does not end the stream. */
function compressedBlocks(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_SYNC_FLUSH })
}

/** Whether a client with this `Accept-Encoding` takes gzip. */
export function takesGzip(accepted: string): boolean {
  return accepted.split(',').some((one) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(one))
}
