import { inspect } from 'node:util'
import { MillraceError } from '../../core/errors.ts'
import { copyAvro, decodeAvro, takeWritten, writeAvro } from '../avro-type.ts'
import { frozen } from '../view/frozen.ts'
import type { PlannedField, RecordPlan } from './record-plan.ts'

/** A value that is no change. */
const unchanged = Symbol('unchanged')
/** Where the class of a plan keeps it. */
const planOfClass = Symbol('plan')
const noRow = new Int32Array(0)

/** They belong to the methods. A field of such a name is in `toObject`. */
export const takenNames: readonly string[] = ['with', 'toObject', 'toJSON', 'constructor', '__proto__']

export type AvroViewClass = new (
  bytes: Buffer,
  rows: Int32Array,
  row: number,
  changes?: readonly unknown[],
) => AvroRecordView

/** A record over its bytes. Nothing of it is read before somebody asks. */
export class AvroRecordView {
  declare readonly [planOfClass]: RecordPlan
  /** It lies there, among others. */
  readonly #bytes: Buffer
  /** Where the skipper found its fields, from `#row` on. */
  readonly #rows: Int32Array
  readonly #row: number
  /** By slot. */
  readonly #changes: readonly unknown[] | undefined
  /** By slot: values that are objects are made once. */
  #objects: unknown[] | undefined

  constructor(bytes: Buffer, rows: Int32Array, row: number, changes?: readonly unknown[]) {
    this.#bytes = bytes
    this.#rows = rows
    this.#row = row
    this.#changes = changes
    this.#objects = undefined
  }

  /** A record that was read whole. */
  static ofValues(Class: AvroViewClass, plan: RecordPlan, value: unknown): AvroRecordView {
    const values = plan.fields.map(({ name }) => frozen((value as Readonly<Record<string, unknown>>)[name]))
    return new Class(Buffer.alloc(0), noRow, 0, values)
  }

  with(changes: Readonly<Record<string, unknown>>): AvroRecordView {
    const { fields, slots } = this[planOfClass]
    if (#bytes in changes) throw illegal('with() is given a view: name the fields that change')
    const all = this.#changes?.slice() ?? fields.map((): unknown => unchanged)
    for (const name of Object.keys(changes)) {
      const slot = slots.get(name)
      if (slot === undefined) throw illegal(`with() is given the field ${name}, which the schema does not have`)
      all[slot] = changes[name] === undefined ? (fields[slot] as PlannedField).defaultValue() : changes[name]
    }
    const Class = this.constructor as AvroViewClass
    return new Class(this.#bytes, this.#rows, this.#row, all)
  }

  toObject(): Record<string, unknown> {
    const { type, resolver, isInPlace } = this[planOfClass]
    if (this.#changes !== undefined || !isInPlace)
      return decodeAvro(type, undefined, AvroRecordView.bytesOf(this, 0, ''), '') as Record<string, unknown>
    return decodeAvro(type, resolver, AvroRecordView.#source(this), '') as Record<string, unknown>
  }

  toJSON(): Record<string, unknown> {
    return this.toObject()
  }

  [inspect.custom](): unknown {
    return this.toObject()
  }

  static is(value: unknown): value is AvroRecordView {
    return typeof value === 'object' && value !== null && #bytes in value
  }

  static planOf(view: AvroRecordView): RecordPlan {
    return view[planOfClass]
  }

  /** The bytes that it was read from, and `headBytes` before them; undefined if it is written with others. */
  static unchangedBytesOf(view: AvroRecordView, headBytes: number): Buffer | undefined {
    if (view.#changes !== undefined || view[planOfClass].resolver !== undefined) return undefined
    return AvroRecordView.#source(view, headBytes)
  }

  static #source(view: AvroRecordView, headBytes = 0): Buffer {
    const rows = view.#rows
    const end = rows[view.#row + view[planOfClass].skipper.rowLength - 1] as number
    return view.#bytes.subarray((rows[view.#row] as number) - headBytes, end)
  }

  /** The Avro of the view, behind `headBytes` that the caller fills. Throws UNSUITABLE_VALUE for a value of a change. */
  static bytesOf(view: AvroRecordView, headBytes: number, topic: string): Buffer {
    const { fields } = view[planOfClass]
    const rows = view.#rows
    const changes = view.#changes
    let at = headBytes
    // Fields that were written one behind the other are one copy.
    let from = -1
    let next = 0
    for (let slot = 0; slot < fields.length; slot++) {
      const field = fields[slot] as PlannedField
      const change = changes === undefined ? unchanged : changes[slot]
      const index = change === unchanged ? field.index : -1
      if (from >= 0 && index !== next) {
        at = copyAvro(view.#bytes, from, rows[view.#row + next] as number, at)
        from = -1
      }
      if (index < 0) {
        at = writeAvro(field.type, change === unchanged ? field.defaultValue() : change, at, topic, field.name)
        continue
      }
      if (from < 0) from = rows[view.#row + index] as number
      next = index + 1
    }
    if (from >= 0) at = copyAvro(view.#bytes, from, rows[view.#row + next] as number, at)
    return takeWritten(at)
  }

  /** What is called when a field is read. */
  static getter({ index, read, defaultValue }: PlannedField, slot: number): (this: AvroRecordView) => unknown {
    return function (this: AvroRecordView): unknown {
      const changes = this.#changes
      if (changes !== undefined && changes[slot] !== unchanged) return changes[slot]
      if (this.#objects !== undefined && slot in this.#objects) return this.#objects[slot]
      const value = index < 0 ? frozen(defaultValue()) : read(this.#bytes, this.#rows[this.#row + index] as number)
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
        (this.#objects ??= [])[slot] = value
      return value
    }
  }
}

/** A class of views with a getter for each field. */
export function avroViewClass(plan: RecordPlan): AvroViewClass {
  const Class = class extends AvroRecordView {}
  Object.defineProperty(Class.prototype, planOfClass, { value: plan })
  for (const [slot, field] of plan.fields.entries()) {
    if (takenNames.includes(field.name)) continue
    const get = AvroRecordView.getter(field, slot)
    Object.defineProperty(Class.prototype, field.name, { get, enumerable: true, configurable: false })
  }
  return Class
}

function illegal(problem: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', problem)
}
