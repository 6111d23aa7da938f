import { crc32c } from '@node-rs/crc32'
import type { Bytes } from '../../core/bytes.ts'
import type { Headers } from '../../core/headers.ts'
import type { Compression } from '../port.ts'
import { codecIds, compress } from './compression.ts'
import { batchField, batchHeaderBytes } from './record-codec.ts'
import { varintSize, varlongSize, writeVarint, writeVarlong } from './record-codec-varint.ts'

const firstCapacity = 4096

/**
 * Builds one record batch of format 2, each record written once into a growing buffer. After `seal` it is empty again
 * and may be used for the next batch.
 */
export class RecordBatchWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstCapacity)
  #position = batchHeaderBytes
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = -1

  get count(): number {
    return this.#count
  }

  /** Header and records so far, before compression. */
  get byteLength(): number {
    return this.#position
  }

  append(timestamp: number, key: Bytes | null, value: Bytes | null, headers: Headers): void {
    if (this.#count === 0) this.#baseTimestamp = timestamp
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    const timestampDelta = timestamp - this.#baseTimestamp
    const bodySize = recordBodySize(timestampDelta, this.#count, key, value, headers)
    this.#reserve(bodySize + 5)
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
    const batch = this.#take(compression)
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
    this.#position = batchHeaderBytes
    this.#count = 0
    this.#maxTimestamp = -1
    return batch
  }

  #take(compression: Compression): Buffer {
    const whole = this.#bytes.subarray(0, this.#position)
    if (compression === 'none') {
      this.#bytes = Buffer.allocUnsafeSlow(Math.min(this.#bytes.length, 2 * this.#position))
      return whole
    }
    const body = compress(compression, whole.subarray(batchHeaderBytes))
    const batch = Buffer.allocUnsafeSlow(batchHeaderBytes + body.length)
    body.copy(batch, batchHeaderBytes)
    return batch
  }

  #reserve(size: number): void {
    const needed = this.#position + size
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#position)
    this.#bytes = larger
  }
}

/** Writes who sent the batch (-1, -1, -1: nobody in particular) and the checksum over it. May be repeated. */
export function stampBatch(batch: Buffer, producerId: number, producerEpoch: number, baseSequence: number): void {
  writeInt64(batch, producerId, batchField.producerId)
  batch.writeInt16BE(producerEpoch, batchField.producerEpoch)
  batch.writeInt32BE(baseSequence, batchField.baseSequence)
  batch.writeUInt32BE(crc32c(batch.subarray(batchField.attributes)), batchField.crc)
}

/** The most a record can add to a batch, for checks against limits before it is written. */
export function recordSizeBound(key: Bytes | null, value: Bytes | null, headers: Headers): number {
  return 5 + recordBodySize(Number.MAX_SAFE_INTEGER, 0x3fffffff, key, value, headers)
}

function recordBodySize(
  timestampDelta: number,
  offsetDelta: number,
  key: Bytes | null,
  value: Bytes | null,
  headers: Headers,
): number {
  let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + nullableSize(key) + nullableSize(value)
  size += varintSize(headers.length)
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

function writeNullable(target: Buffer, position: number, bytes: Bytes | null): number {
  if (bytes === null) return writeVarint(target, position, -1)
  const at = writeVarint(target, position, bytes.length)
  target.set(bytes, at)
  return at + bytes.length
}

function writeInt64(bytes: Buffer, value: number, position: number): void {
  const high = Math.floor(value / 0x100000000)
  bytes.writeInt32BE(high, position)
  bytes.writeUInt32BE(value - high * 0x100000000, position + 4)
}
