import { crc32c } from '@node-rs/crc32'
import type { ByteRanges } from '../../../core/byte-ranges.ts'
import type { Bytes } from '../../../core/bytes.ts'
import { type Header, type Headers, noHeaders } from '../../../core/headers.ts'
import type { RecordBatch, RecordPlaces } from '../../record-batch.ts'
import { decompress, isKnownCodec } from './compression.ts'
import {
  type BatchHeader,
  batchField,
  batchHeaderBytes,
  corruptBatch,
  oldBatchFormat,
  unknownCodec,
} from './record-codec.ts'
import { VarintReader } from './record-codec-varint.ts'

/** Int32 columns of one record in the index; the two positions are followed by their lengths, -1 for null. */
const stride = 6
const offsetDeltaColumn = 0
const keyColumn = 1
const valueColumn = 3
const headersColumn = 5

/** A record is at least length, attributes, two deltas, two lengths and a header count. */
const smallestRecordBytes = 7

/**
 * Records of one batch on the wire. Made by `decodeBatch`, read by whoever polled it. Keys and values are
 * views of the fetched bytes, made when they are asked for; only `headers` throws, CORRUPT_BATCH. `nextOffset` may be
 * moved on over batches without records that follow it.
 */
export class FetchedBatch implements RecordBatch {
  readonly topic: string
  readonly partition: number
  /** Told by whoever fetched it. */
  topicId = ''
  readonly count: number
  readonly byteLength: number
  nextOffset: number
  /** The records, decompressed. */
  readonly #bytes: Buffer
  readonly #header: BatchHeader
  readonly #index: Int32Array
  readonly #timestampDeltas: Float64Array

  constructor(topic: string, partition: number, header: BatchHeader, body: Buffer, columns: RecordColumns) {
    this.topic = topic
    this.partition = partition
    this.count = columns.count
    this.byteLength = columns.byteLength
    this.nextOffset = header.lastOffset + 1
    this.#header = header
    this.#bytes = body
    this.#index = columns.index
    this.#timestampDeltas = columns.timestampDeltas
  }

  get places(): RecordPlaces {
    return {
      keys: new FieldRanges(this.#bytes, this.count, this.#index, keyColumn),
      values: new FieldRanges(this.#bytes, this.count, this.#index, valueColumn),
    }
  }

  offset(index: number): number {
    return this.#header.baseOffset + this.#index[index * stride + offsetDeltaColumn]!
  }

  timestamp(index: number): number {
    const header = this.#header
    return header.isLogAppendTime ? header.maxTimestamp : header.baseTimestamp + this.#timestampDeltas[index]!
  }

  key(index: number): Bytes | null {
    return this.#view(index * stride + keyColumn)
  }

  value(index: number): Bytes | null {
    return this.#view(index * stride + valueColumn)
  }

  headers(index: number): Headers {
    const position = this.#index[index * stride + headersColumn]!
    if (this.#bytes[position] === 0) return noHeaders
    try {
      return readHeaders(new VarintReader(this.#bytes, position))
    } catch (error) {
      throw corruptBatch(this.topic, this.partition, this.offset(index), 'its headers cannot be read', error)
    }
  }

  #view(at: number): Bytes | null {
    const position = this.#index[at]!
    const length = this.#index[at + 1]!
    return length < 0 ? null : this.#bytes.subarray(position, position + length)
  }
}

/** Where the keys or the values of a batch are. */
class FieldRanges implements ByteRanges {
  readonly bytes: Buffer
  readonly count: number
  readonly #index: Int32Array
  readonly #column: number

  constructor(bytes: Buffer, count: number, index: Int32Array, column: number) {
    this.bytes = bytes
    this.count = count
    this.#index = index
    this.#column = column
  }

  start(index: number): number {
    return this.#index[index * stride + this.#column]!
  }

  length(index: number): number {
    return this.#index[index * stride + this.#column + 1]!
  }
}

/** The records of a batch as columns: where their bytes are, not the bytes. */
interface RecordColumns {
  readonly count: number
  readonly byteLength: number
  readonly index: Int32Array
  readonly timestampDeltas: Float64Array
}

/**
 * Checks and opens a batch; records below `fromOffset` are left out. Throws CORRUPT_BATCH, UNKNOWN_CODEC or
 * OLD_BATCH_FORMAT. The result keeps views over `bytes`, or over their decompressed copy.
 */
export function decodeBatch(
  topic: string,
  partition: number,
  bytes: Buffer,
  header: BatchHeader,
  fromOffset: number,
): FetchedBatch {
  const body = openBatch(topic, partition, bytes, header)
  try {
    return new FetchedBatch(topic, partition, header, body, readColumns(body, header, fromOffset - header.baseOffset))
  } catch (error) {
    throw corruptBatch(topic, partition, header.baseOffset, 'its records cannot be read', error)
  }
}

/** 'abort' and 'commit' end the transaction of the batch's producer; other control records mean nothing to a consumer. */
export function readControlType(
  topic: string,
  partition: number,
  bytes: Buffer,
  header: BatchHeader,
): 'abort' | 'commit' | 'other' {
  const key = decodeBatch(topic, partition, bytes, header, header.baseOffset).key(0) as Buffer | null
  if (key === null || key.length < 4) return 'other'
  const type = key.readInt16BE(2)
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}

/** The records' bytes, after the checksum was checked. */
function openBatch(topic: string, partition: number, bytes: Buffer, header: BatchHeader): Buffer {
  const { start, end, baseOffset } = header
  if (header.magic < 2) throw oldBatchFormat(topic, partition, baseOffset, header.magic)
  if (header.magic > 2)
    throw corruptBatch(topic, partition, baseOffset, `message format ${header.magic} does not exist`)
  if (header.count < 0) throw corruptBatch(topic, partition, baseOffset, 'its header is cut')
  const expected = bytes.readUInt32BE(start + batchField.crc)
  const actual = crc32c(bytes.subarray(start + batchField.attributes, end))
  if (actual !== expected)
    throw corruptBatch(topic, partition, baseOffset, `its checksum is ${actual}, not ${expected}`)
  const stored = bytes.subarray(start + batchHeaderBytes, end)
  if (header.codecId === 0) return stored
  if (!isKnownCodec(header.codecId)) throw unknownCodec(topic, partition, baseOffset, header.codecId)
  try {
    return decompress(header.codecId, stored)
  } catch (error) {
    throw corruptBatch(topic, partition, baseOffset, 'it cannot be decompressed', error)
  }
}

/**
 * Finds the fields of each record without copying one. The two records of the batch in `record-codec.ts` (lengths and
 * deltas are zigzag varints: 2 is 1, 4 is 2, 1 is -1):
 *
 *     at  bytes        field           value
 *     61  12           length          9 bytes follow
 *     62  00           attributes      unused
 *     63  00           timestampDelta  0, so 1000
 *     64  00           offsetDelta     0
 *     65  02 6b        key             1 byte: 'k'
 *     67  04 68 69     value           2 bytes: 'hi'
 *     70  00           headers         none
 *     71  18           length          12 bytes follow
 *     72  00           attributes
 *     73  0a           timestampDelta  5, so 1005
 *     74  02           offsetDelta     1
 *     75  01           key             -1: null
 *     76  04 79 6f     value           'yo'
 *     79  02           headers         1
 *     80  02 68 02 78  header          'h' with the value 'x'
 *
 * Positions count from byte 61, where `body` begins: row 1 of the index is 1 (offset delta), 15 and -1 (key: null), 16
 * and 2 (value), 18 (headers). Throws RangeError for records that do not fit their lengths.
 */
function readColumns(body: Buffer, header: BatchHeader, fromDelta: number): RecordColumns {
  const { count } = header
  if (count * smallestRecordBytes > body.length)
    throw new RangeError(`${count} records do not fit ${body.length} bytes`)
  const index = new Int32Array(count * stride)
  const timestampDeltas = new Float64Array(count)
  const reader = new VarintReader(body, 0)
  let kept = 0
  let keptFrom = 0
  for (let read = 0; read < count; read++) {
    const start = reader.position
    const length = reader.int()
    const end = reader.position + length
    if (length < 0 || end > body.length) throw new RangeError(`a record of ${length} bytes does not fit`)
    reader.position++
    const timestampDelta = reader.long()
    const offsetDelta = reader.int()
    if (offsetDelta < fromDelta) {
      keptFrom = end
      reader.position = end
      continue
    }
    const at = kept * stride
    index[at + offsetDeltaColumn] = offsetDelta
    timestampDeltas[kept] = timestampDelta
    readField(reader, index, at + keyColumn)
    readField(reader, index, at + valueColumn)
    index[at + headersColumn] = reader.position
    if (reader.position >= end) throw new RangeError(`the record at byte ${start} is longer than its length says`)
    reader.position = end
    kept++
  }
  return { count: kept, byteLength: reader.position - keptFrom, index, timestampDeltas }
}

function readField(reader: VarintReader, index: Int32Array, at: number): void {
  const length = reader.int()
  index[at] = reader.position
  index[at + 1] = length
  if (length > 0) reader.position += length
}

function readHeaders(reader: VarintReader): Headers {
  const count = reader.int()
  if (count < 0 || count > reader.bytes.length - reader.position) throw new RangeError(`${count} headers`)
  const headers: Header[] = []
  for (let read = 0; read < count; read++) {
    const key = readBytes(reader)
    if (key === null) throw new RangeError('a header without a name')
    headers.push({ key: key.toString('utf8'), value: readBytes(reader) })
  }
  return headers
}

function readBytes(reader: VarintReader): Buffer | null {
  const length = reader.int()
  if (length < 0) return null
  const end = reader.position + length
  if (end > reader.bytes.length) throw new RangeError(`${length} bytes do not fit`)
  const view = reader.bytes.subarray(reader.position, end)
  reader.position = end
  return view
}
