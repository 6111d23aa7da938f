import { type AvroResolver, type AvroType, decodeAvro, encodeAvro } from '../avro-type.ts'
import { kindOf, malformedBytes, unsuitableValue } from '../serde-errors.ts'
import { AvroRecordView, type AvroViewClass, avroViewClass } from './avro-view-class.ts'
import { type RecordPlan, recordPlan } from './record-plan.ts'

/** Rows of records that are next to each other are in one array. */
const chunkLength = 2048

/** Makes views of the records that one schema wrote. */
export class PlanReader {
  readonly plan: RecordPlan
  readonly #class: AvroViewClass
  #rows: Int32Array
  #next = 0

  constructor(type: AvroType, writer: AvroType, resolver: AvroResolver | undefined) {
    this.plan = recordPlan(type, writer, resolver)
    this.#class = avroViewClass(this.plan)
    this.#rows = this.#newRows()
  }

  /** The record between two places. Throws MALFORMED_BYTES. */
  read(bytes: Buffer, start: number, end: number, topic: string): AvroRecordView {
    const { isInPlace, skipper, type, resolver } = this.plan
    if (!isInPlace) {
      const value = decodeAvro(type, resolver, bytes.subarray(start, end), topic)
      return AvroRecordView.ofValues(this.#class, this.plan, value)
    }
    if (this.#next + skipper.rowLength > this.#rows.length) this.#rows = this.#newRows()
    const rows = this.#rows
    const row = this.#next
    if (!skipper.find(bytes, start, end, rows, row)) this.#checkDeep(bytes, start, end, topic, row)
    this.#next = row + skipper.rowLength
    return new this.#class(bytes, rows, row)
  }

  /** What is nested deeper than usual is read once by the library, which can go less deep than the skipper. */
  #checkDeep(bytes: Buffer, start: number, end: number, topic: string, row: number): void {
    const { skipper, type, resolver } = this.plan
    if (skipper.isDeep) {
      decodeAvro(type, resolver, bytes.subarray(start, end), topic)
      if (skipper.find(bytes, start, end, this.#rows, row, true)) return
    }
    throw malformedBytes('avro', topic, skipper.problem)
  }

  /** A view of an object that was not read. */
  of(value: unknown): AvroRecordView {
    const bytes = encodeAvro(this.plan.type, value, 0, '') as Buffer
    return this.read(bytes, 0, bytes.length, '')
  }

  #newRows(): Int32Array {
    this.#next = 0
    return new Int32Array(Math.max(chunkLength, this.plan.skipper.rowLength))
  }
}

/** Throws UNSUITABLE_VALUE for what is no view. */
export function checkView(view: unknown, serde: string, topic: string): asserts view is AvroRecordView {
  if (AvroRecordView.is(view)) return
  const problem = `${kindOf(view)} is not a view: pass one that was read, or make one with of()`
  throw unsuitableValue(serde, topic, problem)
}

/** The Avro of a view that this or another serde made. */
export function encodeView(type: AvroType, view: AvroRecordView, headBytes: number, topic: string): Uint8Array {
  if (AvroRecordView.planOf(view).type === type) return AvroRecordView.bytesOf(view, headBytes, topic)
  return encodeAvro(type, view.toObject(), headBytes, topic)
}
