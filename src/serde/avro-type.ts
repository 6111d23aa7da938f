import avsc from 'avsc'
import type { Bytes } from '../core/bytes.ts'
import { type ErrorConsequence, errorMessage, MillraceError } from '../core/errors.ts'
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
      typeHook: exactLong,
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
  let end = 0
  try {
    end = type.encode(value, scratch, headBytes)
    if (end < 0) {
      scratch = Buffer.allocUnsafe(Math.max(scratch.length * 2, 2 * (headBytes - end)))
      return encodeAvro(type, value, headBytes, topic)
    }
  } catch (cause) {
    throw unsuitableValue('avro', topic, invalidPart(type, value) ?? 'the value does not fit the schema', cause)
  }
  return Buffer.from(scratch.subarray(0, end))
}

/** Names the first field that does not fit, and what it is, but not what it holds. */
function invalidPart(type: AvroType, value: unknown): string | undefined {
  let found: string | undefined
  type.isValid(value, {
    errorHook(path: string[], part: unknown, expected: AvroType) {
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
