import { isUtf8 } from 'node:buffer'
import type { ByteRanges } from '../../core/byte-ranges.ts'
import type { Bytes } from '../../core/bytes.ts'
import { MillraceError, errorMessage } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import { BatchScanner, jsonRow } from '../../core/json/batch-scanner.ts'
import { shown } from '../../core/shown.ts'
import { json, type JsonOptions } from '../json.ts'
import { isNull } from '../primitives.ts'
import type { BatchReader, Serde } from '../serde.ts'
import { kindOf, malformedBytes, unsuitableValue } from '../serde-errors.ts'
import { bufferOf } from '../bytes-text.ts'
import type { FieldKind } from './field-readers.ts'
import { type OneReader, ViewBatch } from './view-batch.ts'
import { View, viewClass, type ViewClass, ViewShape } from './view-class.ts'

/**
 * How each field of `T` is read: texts as `string`, numbers as `number` or, where the JSON has an ISO time, as `isoTime`
 * (epoch milliseconds), booleans as `boolean`, all else as `json`.
 */
export type JsonViewFields<T> = { readonly [Name in keyof T]-?: KindOf<NonNullable<T[Name]>> }

type KindOf<V> = [V] extends [string]
  ? 'string'
  : [V] extends [number]
    ? 'isoTime' | 'number'
    : [V] extends [boolean]
      ? 'boolean'
      : 'json'

/** Fields that change; undefined removes one that may be missing. */
export type JsonViewChanges<T> = {
  readonly [Name in keyof T]?: Record<never, never> extends Pick<T, Name> ? T[Name] | undefined : T[Name]
}

/** What views have besides their fields. */
export interface JsonViewMethods<T> {
  /** The same object with other fields. Its JSON is that of this one, in which the values of the fields are replaced. */
  with(changes: JsonViewChanges<T>): JsonView<T>
  /** All of the object, also fields that are not defined, as `json()` reads it: a copy that you may change. */
  toObject(): Record<string, unknown>
  /** What JSON.stringify writes: the same as `toObject`. */
  toJSON(): Record<string, unknown>
}

/** A JSON object whose fields are read from its bytes when somebody asks. It cannot be changed. */
export type JsonView<T> = Readonly<T> & JsonViewMethods<T>

/** The serde of views. */
export interface JsonViewSerde<T> extends Serde<JsonView<T>> {
  /** A view of an object that was not read: for tests, and for the first value of an aggregation. */
  of(value: T): JsonView<T>
}

/** The names of methods are taken. */
type FreeNames = { readonly [Name in keyof JsonViewMethods<unknown>]?: never }

const takenNames = ['with', 'toObject', 'toJSON', 'constructor']
/** Rows of records that are next to each other are in one array. */
const chunkLength = 2048
/** Fewer records are looked at one by one: a call of WebAssembly takes longer. */
const batchLeast = 2
/** A place and its flags are one number of 32 bits. */
const bytesMost = 2 ** 28 - 1
const emptyObject = Buffer.from('{}')

/**
 * JSON objects as views: the record is checked to be JSON when it arrives, a field is decoded when it is read, and
 * `with` writes a changed record by copying the bytes of all other fields. Reads and refuses the same records as
 * `json()` with these options; a record that is not an object is refused. `T` is what the caller promises: a value of
 * another type reads as `json()` has it.
 */
export function jsonView<T extends object & FreeNames>(
  fields: JsonViewFields<T>,
  options: JsonOptions = {},
): JsonViewSerde<T> {
  checkFields(fields)
  return Object.freeze(new ViewSerde(fields, options)) as unknown as JsonViewSerde<T>
}

class ViewSerde implements Serde<View> {
  readonly name = 'jsonView'
  readonly #shape: ViewShape
  readonly #class: ViewClass
  /** Decides about everything that no scanner takes. */
  readonly #json: Serde<unknown>
  readonly #isExact: boolean
  /** undefined: not asked yet. null: there is none. */
  #batchScanner: BatchScanner | null | undefined
  /** Rows of records that were read one by one. */
  #rows: Int32Array
  #next = 0

  constructor(fields: Readonly<Record<string, FieldKind>>, options: JsonOptions) {
    this.#shape = new ViewShape(fields)
    this.#class = viewClass(this.#shape)
    this.#json = json(options)
    this.#isExact = options.bigIntegers !== 'round'
    this.#rows = this.#newRows()
  }

  deserialize(bytes: Bytes, topic: string, headers: Headers): View {
    if (isNull(bytes)) return bytes
    return this.#read(bufferOf(bytes), 0, bytes.length, topic, headers)
  }

  readBatch(values: ByteRanges, topic: string): BatchReader<View> {
    const one: OneReader = {
      read: (bytes, start, end, headers) => this.#read(bytes, start, end, topic, headers),
      checkIntegers: (bytes, start, end, headers) => this.#checkIntegers(bytes, start, end, topic, headers),
    }
    const scanner = values.count < batchLeast || values.bytes.length > bytesMost ? null : this.#scannerOfBatches()
    if (scanner !== null) return new ViewBatch(values, scanner, this.#class, one)
    return {
      read: (index, headers) => {
        const start = values.start(index)
        return one.read(values.bytes, start, start + values.length(index), headers)
      },
    }
  }

  serialize(view: View, topic: string): Bytes {
    if (!View.is(view)) {
      const problem = `${kindOf(view)} is not a view: pass one that was read, or make one with of()`
      throw unsuitableValue(this.name, topic, problem)
    }
    try {
      return View.bytesOf(view)
    } catch (cause) {
      throw unsuitableValue(this.name, topic, errorMessage(cause), cause)
    }
  }

  of(value: Readonly<Record<string, unknown>>): View {
    return this.deserialize(emptyObject, '', []).with(value)
  }

  #read(bytes: Buffer, start: number, end: number, topic: string, headers: Headers): View {
    if (end > bytesMost && start > 0) return this.deserialize(bytes.subarray(start, end), topic, headers)
    const { scanner, rowLength } = this.#shape
    if (this.#next + rowLength > this.#rows.length) this.#rows = this.#newRows()
    const rows = this.#rows
    const row = this.#next
    const isObject = end <= bytesMost && scanner.find(bytes, rows, row + jsonRow.places, start, end)
    if (!isObject || !(scanner.isAscii || isUtf8(bytes.subarray(start, end))))
      throw this.#refusal(bytes.subarray(start, end), topic, headers)
    if (scanner.hasLargeInteger) this.#checkIntegers(bytes, start, end, topic, headers)
    rows[row + jsonRow.start] = start
    rows[row + jsonRow.end] = end
    this.#next = row + rowLength
    return new this.#class(bytes, rows, row)
  }

  #checkIntegers(bytes: Buffer, start: number, end: number, topic: string, headers: Headers): void {
    if (this.#isExact) this.#json.deserialize(bytes.subarray(start, end), topic, headers)
  }

  #scannerOfBatches(): BatchScanner | null {
    this.#batchScanner ??= BatchScanner.of(this.#shape.names) ?? null
    return this.#batchScanner
  }

  #newRows(): Int32Array {
    this.#next = 0
    return new Int32Array(Math.max(chunkLength, this.#shape.rowLength))
  }

  #refusal(bytes: Bytes, topic: string, headers: Headers): Error {
    const value = this.#json.deserialize(bytes, topic, headers)
    return malformedBytes(this.name, topic, `${kindOf(value)} is not an object: read the topic with json()`)
  }
}

function checkFields(fields: unknown): asserts fields is Readonly<Record<string, FieldKind>> {
  if (typeof fields !== 'object' || fields === null) {
    throw illegal(`jsonView is given ${shown(fields)}: pass a kind for each field, as { level: 'string' }`)
  }
  for (const [name, kind] of Object.entries(fields)) {
    if (takenNames.includes(name)) throw illegal(`jsonView has a method ${name}, so that no field may have the name`)
    if (kinds.includes(kind as FieldKind)) continue
    throw illegal(`the field ${name} of jsonView has the kind ${shown(kind)}: use one of ${kinds.join(', ')}`)
  }
}

const kinds: readonly FieldKind[] = ['boolean', 'isoTime', 'json', 'number', 'string']

function illegal(problem: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', problem)
}
