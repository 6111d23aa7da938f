import avsc from 'avsc'
import type { Bytes } from '../core/bytes.ts'
import { type ErrorConsequence, errorMessage, MillraceError } from '../core/errors.ts'
import { boundedBlocks } from './avro-blocks.ts'
import { exactLong } from './avro-long.ts'
import { kindOf, malformedBytes, unsuitableValue } from './serde-errors.ts'

/** A schema as in its JSON form: an object, an array (union), or the name of a primitive type. */
export type AvroSchema =
  | string
  | readonly unknown[]
  | {
      /** The Avro type: `record`, `enum`, `array`, a primitive, or a schema. */
      readonly type: unknown
      readonly [name: string]: unknown
    }

export type AvroType = avsc.Type
export type AvroResolver = ReturnType<AvroType['createResolver']>

/** Logical types stay what they are made of: a `timestamp-millis` is a number. Throws INVALID_SCHEMA. */
export function avroType(schema: AvroSchema, about: string, consequence: ErrorConsequence = 'fatal'): AvroType {
  try {
    const type = avsc.Type.forSchema(schema as avsc.Schema, {
      typeHook: (part, options) => exactLong(part) ?? boundedBlocks(part, options),
    })
    makePlain(type, new Set())
    return type
  } catch (cause) {
    const message = `${about} is not an Avro schema: ${errorMessage(cause)}`
    throw new MillraceError('INVALID_SCHEMA', consequence, message, { cause })
  }
}

interface Parts {
  readonly recordConstructor?: { prototype: object } | undefined
  readonly _branchConstructor?: { prototype: object } | null | undefined
  readonly fields?: readonly { readonly type: AvroType }[] | undefined
  readonly itemsType?: AvroType | undefined
  readonly valuesType?: AvroType | undefined
  readonly underlyingType?: AvroType | undefined
  readonly types?: readonly AvroType[] | undefined
}

/**
 * The library makes a class of each record, and of each branch of a union that needs a name; what is read is to be
 * plain, as what is written may be.
 */
function makePlain(type: AvroType, done: Set<AvroType>): void {
  if (done.has(type)) return
  done.add(type)
  const parts = type as unknown as Parts
  for (const constructor of [parts.recordConstructor, parts._branchConstructor]) {
    if (constructor !== undefined && constructor !== null) constructor.prototype = Object.prototype
  }
  const { fields = [], types = [], itemsType, valuesType, underlyingType } = parts
  for (const part of [...fields.map((field) => field.type), ...types, itemsType, valuesType, underlyingType]) {
    if (part !== undefined) makePlain(part, done)
  }
}

/**
 * Where values are encoded before their length is known. One per process: a call leaves nothing in it that is read later,
 * and it grows to the largest value so far.
 */
let scratch = Buffer.allocUnsafe(16 * 1024)

/** Encodes behind `headBytes` bytes that the caller fills. */
export function encodeAvro(type: AvroType, value: unknown, headBytes: number, topic: string): Uint8Array {
  return takeWritten(writeAvro(type, value, headBytes, topic))
}

/**
 * Writes a value at a place of what `takeWritten` takes, and returns where it ends. `field`: what errors call the value,
 * if it is part of a record.
 */
export function writeAvro(type: AvroType, value: unknown, at: number, topic: string, field?: string): number {
  try {
    const end = type.encode(value, scratch, at)
    if (end >= 0) return end
    grow(at - end)
  } catch (cause) {
    throw unsuitableValue('avro', topic, invalidPart(type, value, field) ?? 'the value does not fit the schema', cause)
  }
  return writeAvro(type, value, at, topic, field)
}

/** Writes bytes that are Avro at a place, and returns where they end. */
export function copyAvro(bytes: Buffer, start: number, end: number, at: number): number {
  const next = at + end - start
  if (next > scratch.length) grow(next)
  bytes.copy(scratch, at, start, end)
  return next
}

/** A copy of what was written before `end`. */
export function takeWritten(end: number): Buffer {
  return Buffer.from(scratch.subarray(0, end))
}

function grow(least: number): void {
  const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, 2 * least))
  scratch.copy(larger)
  scratch = larger
}

/** Names the first field that does not fit, and what it is, but not what it holds. */
function invalidPart(type: AvroType, value: unknown, field: string | undefined): string | undefined {
  let found: string | undefined
  type.isValid(value, {
    errorHook(inside: string[], part: unknown, expected: AvroType) {
      const path = field === undefined ? inside : [field, ...inside]
      const place = path.length === 0 ? 'the value' : `field "${path.join('.')}"`
      const wanted = expected.branchName ?? expected.typeName
      found ??= `${place} is ${part === undefined ? 'undefined' : kindOf(part)}, which is not of type ${wanted}`
    },
  })
  return found
}

/** Refuses what is cut off or too long. */
export function decodeAvro(type: AvroType, resolver: AvroResolver | undefined, bytes: Bytes, topic: string): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  try {
    return type.fromBuffer(buffer, resolver)
  } catch (cause) {
    throw malformedBytes('avro', topic, errorMessage(cause), cause)
  }
}
