import { crc32c } from '@node-rs/crc32'
import type { Bytes } from '../../../core/bytes.ts'
import type { Headers } from '../../../core/headers.ts'
import type { Compression } from '../../port.ts'
import { BatchBuffers } from './batch-buffers.ts'
import { codecIds, compress } from './compression.ts'
import { batchField, batchHeaderBytes } from './record-codec.ts'
import { varintSize, varlongSize, writeVarint, writeVarlong } from './record-codec-varint.ts'

const noBytes = Buffer.alloc(0)

/** In the lower byte of the attributes. */
const transactionalAttribute = 0x10

/** The most that a record takes in addition to its content: length, attributes, timestamp delta and offset delta. */
export const recordOverheadBytesMax = 5 + 1 + 10 + 5

/**
 * Builds one record batch of format 2, each record written once into a growing buffer. After `seal` it is empty again
 * and may be used for the next batch.
 */
export class RecordBatchWriter {
  readonly #buffers: BatchBuffers
  #bytes: Buffer = noBytes
  #position = batchHeaderBytes
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = -1

  constructor(buffers = new BatchBuffers()) {
    this.#buffers = buffers
  }

  /** Records in the batch under construction. */
  get count(): number {
    return this.#count
  }

  /** Header and records so far, before compression. */
  get byteLength(): number {
    return this.#position
  }

  /** `contentBytes` is what `recordContentBytes` says of these arguments. */
  append(
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    contentBytes = recordContentBytes(key, value, headers),
  ): void {
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp
      this.#bytes = this.#buffers.take()
    }
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    const timestampDelta = timestamp - this.#baseTimestamp
    const bodySize = 1 + varlongSize(timestampDelta) + varintSize(this.#count) + contentBytes
    this.#reserve(contentBytes + recordOverheadBytesMax)
    const bytes = this.#bytes
    let at = writeVarint(bytes, this.#position, bodySize)
    bytes[at++] = 0
    at = writeVarlong(bytes, at, timestampDelta)
    at = writeVarint(bytes, at, this.#count)
    at = writeNullable(bytes, at, key)
    at = writeNullable(bytes, at, value)
    at = writeVarint(bytes, at, headers.length)
    for (let index = 0; index < headers.length; index++) {
      const header = headers[index]!
      const keyLength = Buffer.byteLength(header.key)
      at = writeVarint(bytes, at, keyLength)
      bytes.write(header.key, at, keyLength, 'utf8')
      at = writeNullable(bytes, at + keyLength, header.value)
    }
    this.#position = at
    this.#count++
  }

  /** The finished batch, compressed, without producer and checksum: `stampBatch` adds them. Must not be empty. */
  seal(compression: Compression): Buffer {
    const batch = compress(compression, this.#bytes.subarray(batchHeaderBytes, this.#position), batchHeaderBytes)
    batch.writeInt32BE(0, batchField.baseOffset)
    batch.writeInt32BE(0, batchField.baseOffset + 4)
    batch.writeInt32BE(batch.length - batchField.leaderEpoch, batchField.length)
    batch.writeInt32BE(-1, batchField.leaderEpoch)
    batch[batchField.magic] = 2
    batch.writeInt16BE(codecIds[compression], batchField.attributes)
    batch.writeInt32BE(this.#count - 1, batchField.lastOffsetDelta)
    writeInt64(batch, this.#baseTimestamp, batchField.baseTimestamp)
    writeInt64(batch, this.#maxTimestamp, batchField.maxTimestamp)
    batch.writeInt32BE(this.#count, batchField.count)
    this.clear()
    return batch
  }

  /** Drops the records of the batch under construction. */
  clear(): void {
    if (this.#count === 0) return
    this.#buffers.giveBack(this.#bytes)
    this.#bytes = noBytes
    this.#position = batchHeaderBytes
    this.#count = 0
    this.#maxTimestamp = -1
  }

  /** Doubles the buffer, whose bytes are kept for later batches once it is returned. */
  #reserve(size: number): void {
    const needed = this.#position + size
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#position)
    this.#bytes = larger
  }
}

/**
 * Writes who sent the batch (-1, -1, -1: nobody in particular), whether it is part of a transaction, and the checksum
 * over it. May be repeated.
 */
export function stampBatch(
  batch: Buffer,
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
  isTransactional = false,
): void {
  if (isTransactional) batch[batchField.attributes + 1]! |= transactionalAttribute
  writeInt64(batch, producerId, batchField.producerId)
  batch.writeInt16BE(producerEpoch, batchField.producerEpoch)
  batch.writeInt32BE(baseSequence, batchField.baseSequence)
  batch.writeUInt32BE(crc32c(batch.subarray(batchField.attributes)), batchField.crc)
}

/** The bytes that key, value and headers take in a batch, their lengths included. */
export function recordContentBytes(key: Bytes | null, value: Bytes | null, headers: Headers): number {
  let size = nullableSize(key) + nullableSize(value) + varintSize(headers.length)
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!
    const keyLength = Buffer.byteLength(header.key)
    size += varintSize(keyLength) + keyLength + nullableSize(header.value)
  }
  return size
}

function nullableSize(bytes: Bytes | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length
}

/** A zigzag varint of the length, -1 for null, then the bytes; returns the position behind them. */
function writeNullable(target: Buffer, position: number, bytes: Bytes | null): number {
  if (bytes === null) return writeVarint(target, position, -1)
  const at = writeVarint(target, position, bytes.length)
  target.set(bytes, at)
  return at + bytes.length
}

/** Big-endian; exact for whole numbers within 2^53. */
function writeInt64(bytes: Buffer, value: number, position: number): void {
  const high = Math.floor(value / 0x100000000)
  bytes.writeInt32BE(high, position)
  bytes.writeUInt32BE(value - high * 0x100000000, position + 4)
}
