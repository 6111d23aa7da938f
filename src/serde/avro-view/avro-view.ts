import type { ByteRanges } from '../../core/byte-ranges.ts'
import type { Bytes } from '../../core/bytes.ts'
import { MillraceError } from '../../core/errors.ts'
import { type AvroSchema, type AvroType, avroType } from '../avro-type.ts'
import { bufferOf } from '../bytes-text.ts'
import { isNull } from '../primitives.ts'
import type { BatchReader, Serde } from '../serde.ts'
import { AvroRecordView } from './avro-view-class.ts'
import { checkView, encodeView, PlanReader } from './plan-reader.ts'
import { isRecord } from './record-plan.ts'

/** Fields that change; undefined sets one that may be missing to the default of the schema. */
export type AvroViewChanges<T> = {
  readonly [Name in keyof T]?: Record<never, never> extends Pick<T, Name> ? T[Name] | undefined : T[Name]
}

/** What views have besides their fields. */
export interface AvroViewMethods<T> {
  /** The same record with other fields. The bytes of all fields that stay are copied when it is written. */
  with(changes: AvroViewChanges<T>): AvroView<T>
  /** All of the record, as `avro()` reads it: a copy that you may change. */
  toObject(): Record<string, unknown>
  /** The same as `toObject`. */
  toJSON(): Record<string, unknown>
}

/** An Avro record whose fields are decoded from its bytes when somebody reads them. It cannot be changed. */
export type AvroView<T> = Readonly<T> & AvroViewMethods<T>

/** The serde of Avro views. */
export interface AvroViewSerde<T> extends Serde<AvroView<T>> {
  /**
   * A view of an object that was not read: for tests, and for the first value of an aggregation. Throws UNSUITABLE_VALUE
   * if it does not fit the schema.
   */
  of(value: T): AvroView<T>
}

/** The names of methods are taken. A field that has one of them is in `toObject`. */
export type FreeNames = { readonly [Name in keyof AvroViewMethods<unknown>]?: never }

/**
 * Avro records without any header as views: a record is gone over once when it arrives, without making its values, and a
 * field is decoded when it is read. `with` writes a changed record by copying the bytes of all other fields. Reads and
 * refuses the same records as `avro()`, and has the same values. `T` is what the caller promises about the fields of the
 * schema, of which it may leave out some. Throws INVALID_SCHEMA, also for a schema that is no record.
 */
export function avroView<T extends object & FreeNames>(schema: AvroSchema): AvroViewSerde<T> {
  const type = avroType(schema, 'the schema given to avroView()')
  if (!isRecord(type)) {
    const problem = `the schema given to avroView() is of type ${type.typeName}, which has no fields: use avro()`
    throw new MillraceError('INVALID_SCHEMA', 'fatal', problem)
  }
  return Object.freeze(new AvroRecords(type)) as unknown as AvroViewSerde<T>
}

class AvroRecords implements Serde<AvroRecordView> {
  readonly name: string
  readonly #reader: PlanReader

  constructor(type: AvroType) {
    this.name = `avroView(${type.branchName ?? type.typeName})`
    this.#reader = new PlanReader(type, type, undefined)
  }

  deserialize(bytes: Bytes, topic: string): AvroRecordView {
    if (isNull(bytes)) return bytes
    return this.#reader.read(bufferOf(bytes), 0, bytes.length, topic)
  }

  readBatch(values: ByteRanges, topic: string): BatchReader<AvroRecordView> {
    const reader = this.#reader
    return {
      read: (index) => {
        const start = values.start(index)
        return reader.read(values.bytes, start, start + values.length(index), topic)
      },
    }
  }

  serialize(view: AvroRecordView, topic: string): Bytes {
    checkView(view, this.name, topic)
    const { type } = this.#reader.plan
    const isOurs = AvroRecordView.planOf(view).type === type
    return (isOurs ? AvroRecordView.unchangedBytesOf(view, 0) : undefined) ?? encodeView(type, view, 0, topic)
  }

  of(value: unknown): AvroRecordView {
    return this.#reader.of(value)
  }
}
