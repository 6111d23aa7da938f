import { isUtf8 } from 'node:buffer'
import type { ByteRanges } from '../../core/byte-ranges.ts'
import type { Headers } from '../../core/headers.ts'
import { type BatchScanner, jsonRow } from '../../core/json/batch-scanner.ts'
import type { BatchReader } from '../serde.ts'
import type { View, ViewClass } from './view-class.ts'

/** What decides about one record alone. */
export interface OneReader {
  read(bytes: Buffer, start: number, end: number, headers: Headers): View
  /** Throws where the options refuse large integers. */
  checkIntegers(bytes: Buffer, start: number, end: number, headers: Headers): void
}

const { verdict, start, end, isObject, isWide, hasLargeInteger } = jsonRow

/** The views of a batch. It is scanned piece by piece, as its records are read. */
export class ViewBatch implements BatchReader<View> {
  readonly #values: ByteRanges
  readonly #scanner: BatchScanner
  readonly #class: ViewClass
  readonly #one: OneReader
  /** Of the records from `#from` on. */
  #rows: Int32Array = new Int32Array(0)
  #from = 0

  constructor(values: ByteRanges, scanner: BatchScanner, viewClass: ViewClass, one: OneReader) {
    this.#values = values
    this.#scanner = scanner
    this.#class = viewClass
    this.#one = one
  }

  read(index: number, headers: Headers): View {
    let row = (index - this.#from) * this.#scanner.rowLength
    if (row < 0 || row >= this.#rows.length) {
      this.#rows = this.#scanner.scan(this.#values, index)
      this.#from = index
      row = 0
    }
    const rows = this.#rows
    const { bytes } = this.#values
    if (rows[row] === isObject || this.#isSound(rows, row, headers)) return new this.#class(bytes, rows, row)
    const from = this.#values.start(index)
    return this.#one.read(bytes, from, from + this.#values.length(index), headers)
  }

  /** Whether the scanner has decided, and what it leaves to check is right. */
  #isSound(rows: Int32Array, row: number, headers: Headers): boolean {
    const found = rows[row + verdict]
    if (found === undefined || (found & isObject) === 0) return false
    const { bytes } = this.#values
    const from = rows[row + start] as number
    const to = rows[row + end] as number
    if ((found & isWide) !== 0 && !isUtf8(bytes.subarray(from, to))) return false
    if ((found & hasLargeInteger) !== 0) this.#one.checkIntegers(bytes, from, to, headers)
    return true
  }
}
