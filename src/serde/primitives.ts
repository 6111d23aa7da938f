import type { ByteRanges } from '../core/byte-ranges.ts'
import type { Bytes } from '../core/bytes.ts'
import { InternedTexts } from './interned-texts.ts'
import { readInt32, readInt64, writeInt32, writeInt64 } from './int64.ts'
import type { BatchReader, Serde } from './serde.ts'
import { kindOf, malformedBytes, unsuitableValue } from './serde-errors.ts'

/** A serde whose values all have the same length in bytes. */
export interface FixedLengthSerde<T> extends Serde<T> {
  readonly byteLength: number
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Keys come again and again. */
const keptTexts = new InternedTexts(1024)

/** Throws on bytes that are not UTF-8. */
export function decodeUtf8(serde: string, bytes: Bytes, topic: string): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw malformedBytes(serde, topic, `its ${bytes.length} bytes are not UTF-8`, cause)
  }
}

/** The engine never passes null; whoever calls a serde by hand gets null for null, as from Java's. */
export function isNull(bytes: Bytes): bytes is never {
  return (bytes as Bytes | null) === null
}

/** Text as UTF-8. Bytes that are not UTF-8 are refused; a lone surrogate is written as U+FFFD. */
export function string(): Serde<string> {
  return stringSerde
}

const textSerde: Serde<string> = {
  name: 'string',
  serialize(value: string, topic: string): Bytes {
    if (typeof value !== 'string') throw wrongType('string', topic, value)
    return Buffer.from(value, 'utf8')
  },
  deserialize: (bytes: Bytes, topic: string) => (isNull(bytes) ? bytes : decodeUtf8('string', bytes, topic)),
}

/** Not enumerable, so that a copy with a `deserialize` of its own is not read by this one. */
const stringSerde: Serde<string> = Object.freeze(
  Object.defineProperty(textSerde, 'readBatch', {
    value: (values: ByteRanges, topic: string): BatchReader<string> => ({
      read(index) {
        const { bytes } = values
        const start = values.start(index)
        const end = start + values.length(index)
        return keptTexts.read(bytes, start, end) ?? decodeUtf8('string', bytes.subarray(start, end), topic)
      },
    }),
  }),
)

/**
 * Bytes as they are. The bytes that are read are a copy: you may change them without changing the record or a row of a
 * store.
 */
export function bytes(): Serde<Bytes> {
  return bytesSerde
}

const bytesSerde: Serde<Bytes> = Object.freeze({
  name: 'bytes',
  serialize(value: Bytes, topic: string): Bytes {
    if (!(value instanceof Uint8Array)) throw wrongType('bytes', topic, value)
    return value
  },
  deserialize: (value: Bytes) => (isNull(value) ? value : Buffer.from(value)),
})

/** A fixed-length serde before it is one. Numbers are big-endian, as Java's DataOutput writes them. */
interface FixedLength<T> {
  readonly name: string
  readonly byteLength: number
  readonly accepts: (value: T) => boolean
  readonly write: (target: Uint8Array, value: T) => void
  readonly read: (bytes: Bytes) => T
}

/**
 * The bytes of the fixed-length serdes:
 * ```
 * short 258        01 02                     double 1.5      3f f8 00 00 00 00 00 00
 * integer -1       ff ff ff ff               float 1.5       3f c0 00 00
 * long 258         00 00 00 00 00 00 01 02   boolean true    01
 * uuid             its text in lower case, 36 bytes of ASCII
 * ```
 * Serializing throws UNSUITABLE_VALUE (record) for another type or range, deserializing MALFORMED_BYTES (record) for
 * another length.
 */
function fixedLength<T>({ name, byteLength, accepts, write, read }: FixedLength<T>): FixedLengthSerde<T> {
  return Object.freeze({
    name,
    byteLength,
    serialize(value: T, topic: string): Bytes {
      if (!accepts(value)) throw wrongType(name, topic, value)
      const target = Buffer.allocUnsafe(byteLength)
      write(target, value)
      return target
    },
    deserialize(source: Bytes, topic: string): T {
      if (isNull(source)) return source
      if (source.length !== byteLength) {
        throw malformedBytes(name, topic, `it has ${source.length} bytes instead of ${byteLength}`)
      }
      return read(source)
    },
  })
}

/** UNSUITABLE_VALUE. Names a number, which is no secret in itself, but never a text. */
function wrongType(name: string, topic: string, value: unknown): Error {
  const found = typeof value === 'number' || typeof value === 'bigint' ? `the number ${value}` : kindOf(value)
  return unsuitableValue(name, topic, `the value is ${found}, which is not of this type or out of its range`)
}

/** Whole numbers that a signed integer of so many bits holds. */
const isIntegerOf = (bits: number) => {
  const limit = 2 ** (bits - 1)
  return (value: number) => Number.isInteger(value) && value >= -limit && value < limit
}

/**
 * Java's Long as a number, up to ±2^53, where numbers are exact. Larger ones are refused, both when reading and when
 * writing.
 */
export function long(): FixedLengthSerde<number> {
  return longSerde
}

const longSerde: FixedLengthSerde<number> = Object.freeze({
  ...fixedLength<number>({
    name: 'long',
    byteLength: 8,
    accepts: Number.isSafeInteger,
    write: (target, value) => writeInt64(target, 0, value),
    read: (source) => readInt64(source, 0),
  }),
  deserialize(source: Bytes, topic: string): number {
    if (isNull(source)) return source
    if (source.length !== 8) throw malformedBytes('long', topic, `it has ${source.length} bytes instead of 8`)
    const value = readInt64(source, 0)
    if (Number.isSafeInteger(value)) return value
    throw malformedBytes('long', topic, `its value is beyond ±2^53, where numbers are not exact: use bigLong()`)
  },
})

const scratch = new DataView(new ArrayBuffer(8))
const scratchBytes = new Uint8Array(scratch.buffer)

/** Writes through its own buffer, because a view of every record would be an object for every record. */
function viaScratch<T>(
  byteLength: number,
  set: (value: T) => void,
  get: () => T,
): Pick<FixedLength<T>, 'write' | 'read'> {
  return {
    write(target, value) {
      set(value)
      for (let index = 0; index < byteLength; index++) target[index] = scratchBytes[index] as number
    },
    read(source) {
      for (let index = 0; index < byteLength; index++) scratchBytes[index] = source[index] as number
      return get()
    },
  }
}

/** Java's Long in its full range, as a bigint. */
export function bigLong(): FixedLengthSerde<bigint> {
  return bigLongSerde
}

const bigLongSerde = fixedLength<bigint>({
  name: 'bigLong',
  byteLength: 8,
  accepts: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  ...viaScratch(
    8,
    (value: bigint) => scratch.setBigInt64(0, value),
    () => scratch.getBigInt64(0),
  ),
})

/** Java's Integer. */
export function integer(): FixedLengthSerde<number> {
  return integerSerde
}

const integerSerde = fixedLength<number>({
  name: 'integer',
  byteLength: 4,
  accepts: isIntegerOf(32),
  write: (target, value) => writeInt32(target, 0, value),
  read: (source) => readInt32(source, 0),
})

/** Java's Short. */
export function short(): FixedLengthSerde<number> {
  return shortSerde
}

const shortSerde = fixedLength<number>({
  name: 'short',
  byteLength: 2,
  accepts: isIntegerOf(16),
  ...viaScratch(
    2,
    (value: number) => scratch.setInt16(0, value),
    () => scratch.getInt16(0),
  ),
})

/** Java's Double. */
export function double(): FixedLengthSerde<number> {
  return doubleSerde
}

const doubleSerde = fixedLength<number>({
  name: 'double',
  byteLength: 8,
  accepts: (value) => typeof value === 'number',
  ...viaScratch(
    8,
    (value: number) => scratch.setFloat64(0, value),
    () => scratch.getFloat64(0),
  ),
})

/** Java's Float; a number is rounded to the nearest float. */
export function float(): FixedLengthSerde<number> {
  return floatSerde
}

const floatSerde = fixedLength<number>({
  name: 'float',
  byteLength: 4,
  accepts: (value) => typeof value === 'number',
  ...viaScratch(
    4,
    (value: number) => scratch.setFloat32(0, value),
    () => scratch.getFloat32(0),
  ),
})

/** Java's Boolean: one byte, 0 or 1. */
export function boolean(): Serde<boolean> {
  return booleanSerde
}

const booleanSerde: Serde<boolean> = Object.freeze({
  name: 'boolean',
  serialize(value: boolean, topic: string): Bytes {
    if (typeof value !== 'boolean') throw wrongType('boolean', topic, value)
    return Uint8Array.of(value ? 1 : 0)
  },
  deserialize(source: Bytes, topic: string): boolean {
    if (isNull(source)) return source
    const [flag] = source
    if (source.length === 1 && (flag === 0 || flag === 1)) return flag === 1
    throw malformedBytes(
      'boolean',
      topic,
      source.length === 1 ? `its byte is ${flag}` : `it has ${source.length} bytes`,
    )
  },
})

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A UUID as text in lower case, as Java's UUIDSerializer writes it. */
export function uuid(): FixedLengthSerde<string> {
  return uuidSerde
}

const uuidSerde: FixedLengthSerde<string> = Object.freeze({
  name: 'uuid',
  byteLength: 36,
  serialize(value: string, topic: string): Bytes {
    if (typeof value !== 'string' || !uuidPattern.test(value)) throw wrongType('uuid', topic, value)
    return Buffer.from(value.toLowerCase(), 'latin1')
  },
  deserialize(source: Bytes, topic: string): string {
    if (isNull(source)) return source
    const text = Buffer.from(source.buffer, source.byteOffset, source.length).toString('latin1')
    if (!uuidPattern.test(text)) throw malformedBytes('uuid', topic, `its ${source.length} bytes are not a UUID`)
    return text.toLowerCase()
  },
})

/** For keys or values that are always null. */
export function nothing(): Serde<null> {
  return nothingSerde
}

const nothingSerde: Serde<null> = Object.freeze({
  name: 'nothing',
  serialize(value: null, topic: string): Bytes {
    throw unsuitableValue('nothing', topic, `the value is ${kindOf(value)}, and only null can be written`)
  },
  deserialize(source: Bytes, topic: string): null {
    throw malformedBytes('nothing', topic, `it has ${source.length} bytes where null is expected`)
  },
})
