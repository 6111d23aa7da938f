import { MillraceError } from '../../../core/errors.ts'

/**
 * Where the fields of a batch of format 2 begin (KIP-98; "Record Batch" in Kafka's documentation of its message format);
 * the checksum covers everything from `attributes` on. All numbers are big-endian. A batch of two records, with the
 * times 1000 and 1005, not compressed, of a producer without an identity:
 *
 *     at  bytes                    field            value
 *      0  00 00 00 00 00 00 00 00  baseOffset       0, until the leader gives offsets
 *      8  00 00 00 48              length           72 bytes follow, 84 in all
 *     12  ff ff ff ff              leaderEpoch      -1, until the leader sets it
 *     16  02                       magic            format 2
 *     17  9c 64 b6 ca              crc              CRC-32C of bytes 21 to 83
 *     21  00 00                    attributes       bits 0-2 codec, 3 log append time, 4 transactional, 5 control
 *     23  00 00 00 01              lastOffsetDelta  1: the offsets are 0 and 1
 *     27  00 00 00 00 00 00 03 e8  baseTimestamp    1000, of the first record
 *     35  00 00 00 00 00 00 03 ed  maxTimestamp     1005
 *     43  ff ff ff ff ff ff ff ff  producerId       -1, without an identity
 *     51  ff ff                    producerEpoch    -1
 *     53  ff ff ff ff              baseSequence     -1
 *     57  00 00 00 02              count            2
 *     61                           the records, see `record-batch-reader.ts`; compressed as one piece if a codec is set
 */
export const batchField = Object.freeze({
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
})

export const batchHeaderBytes = 61

/** The length field does not count itself nor the base offset. */
const uncountedBytes = batchField.leaderEpoch

/** No message of any format is shorter; a smaller length is damage. */
const smallestBatchLength = 14

/** The header of a batch, read before its records are looked at. A value holds no view of the bytes. */
export interface BatchHeader {
  /** Where the batch begins and ends in the fetched bytes. */
  readonly start: number
  readonly end: number
  readonly baseOffset: number
  readonly lastOffset: number
  /** Of the leader that appended it; -1 when it has none. */
  readonly leaderEpoch: number
  readonly magic: number
  readonly codecId: number
  readonly isLogAppendTime: boolean
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly count: number
}

/**
 * The header of the batch at `start`; undefined when the batch is not whole (the broker cuts a response at its size
 * limit). Only place, offset and magic are meaningful for a `magic` other than 2.
 */
export function readBatchHeader(bytes: Buffer, start: number): BatchHeader | undefined {
  if (start + batchField.crc > bytes.length) return undefined
  const length = bytes.readInt32BE(start + batchField.length)
  if (length < smallestBatchLength) return foreignHeader(start, bytes.length, readInt64(bytes, start), 2)
  const end = start + uncountedBytes + length
  if (end > bytes.length) return undefined
  const baseOffset = readInt64(bytes, start + batchField.baseOffset)
  const magic = bytes[start + batchField.magic]!
  if (magic !== 2 || end - start < batchHeaderBytes) return foreignHeader(start, end, baseOffset, magic)
  const attributes = bytes.readInt16BE(start + batchField.attributes)
  return {
    start,
    end,
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(start + batchField.lastOffsetDelta),
    leaderEpoch: bytes.readInt32BE(start + batchField.leaderEpoch),
    magic,
    codecId: attributes & 0x07,
    isLogAppendTime: (attributes & 0x08) !== 0,
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    baseTimestamp: readInt64(bytes, start + batchField.baseTimestamp),
    maxTimestamp: readInt64(bytes, start + batchField.maxTimestamp),
    producerId: readInt64(bytes, start + batchField.producerId),
    count: bytes.readInt32BE(start + batchField.count),
  }
}

/** A count of -1 marks a header that `decodeBatch` will refuse. */
function foreignHeader(start: number, end: number, baseOffset: number, magic: number): BatchHeader {
  return {
    start,
    end,
    baseOffset,
    lastOffset: baseOffset,
    leaderEpoch: -1,
    magic,
    codecId: 0,
    isLogAppendTime: false,
    isTransactional: false,
    isControl: false,
    baseTimestamp: -1,
    maxTimestamp: -1,
    producerId: -1,
    count: -1,
  }
}

/** A signed 64-bit number, exact up to 2^53 either way. */
export function readInt64(bytes: Buffer, position: number): number {
  return bytes.readInt32BE(position) * 0x100000000 + bytes.readUInt32BE(position + 4)
}

/** CORRUPT_BATCH: the bytes of a batch are not what was written. Nothing after it in the partition can be trusted to follow. */
export function corruptBatch(
  topic: string,
  partition: number,
  offset: number,
  reason: string,
  cause?: unknown,
): MillraceError {
  return new MillraceError(
    'CORRUPT_BATCH',
    'fatal',
    `the batch at offset ${offset} of ${topic}-${partition} is damaged (${reason}): check the broker's disk and the network, then seek past it`,
    { cause, details: { topic, partition, offset } },
  )
}

/** UNKNOWN_CODEC: the batch is whole but cannot be decompressed by this version. */
export function unknownCodec(topic: string, partition: number, offset: number, codecId: number): MillraceError {
  return new MillraceError(
    'UNKNOWN_CODEC',
    'fatal',
    `the batch at offset ${offset} of ${topic}-${partition} is compressed with codec ${codecId}, which is not gzip, snappy, lz4 or zstd`,
    { details: { topic, partition, offset, codecId } },
  )
}

/** OLD_BATCH_FORMAT: message formats 0 and 1, from before Kafka 0.11. */
export function oldBatchFormat(topic: string, partition: number, offset: number, magic: number): MillraceError {
  return new MillraceError(
    'OLD_BATCH_FORMAT',
    'fatal',
    `the batch at offset ${offset} of ${topic}-${partition} has message format ${magic}, and only format 2 (Kafka 0.11 and later) is read: copy the topic with a newer producer, or seek past it`,
    { details: { topic, partition, offset, magic } },
  )
}
