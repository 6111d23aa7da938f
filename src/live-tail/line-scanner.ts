import { jsonPlaces, JsonScanner } from '../core/json/json-scanner.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { Redactor } from '../pipelines/redaction/redact.ts'
import { type LineContents, lineFields, messageJson, TailLine } from './tail-line.ts'

const { valueStart, valueEnd, nameStart, perSlot, isEscaped } = jsonPlaces
const quote = 0x22
const letterN = 0x6e
const openBrace = 0x7b

/** Makes lines of records: redacted first, so that no filter finds what is hidden. */
export class LineScanner {
  readonly #redactor: Redactor
  readonly #scanner = new JsonScanner(lineFields)
  readonly #places = new Int32Array(this.#scanner.placesLength)

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** Undefined: the record has no value. Never throws for what a record holds. */
  line(batch: RecordBatch, index: number): TailLine | undefined {
    const value = batch.value(index)
    if (value === null) return undefined
    const { topic, partition } = batch
    const recordTimeMs = batch.timestamp(index)
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    return new TailLine({ topic, partition, offset: batch.offset(index), recordTimeMs }, this.#contents(bytes))
  }

  #contents(bytes: Buffer): LineContents {
    if (!this.#scanner.find(bytes, this.#places, 0)) return this.#messageOf(bytes)
    const text = this.#scanner.isAscii ? bytes.toString('latin1') : bytes.toString()
    const json = this.#redactor.redactJson(text)
    if (json === text) return { json, values: this.#values(bytes, text), byteLength: bytes.length }
    return this.#scanned(json) ?? this.#messageOf(bytes)
  }

  /** What is no JSON object. */
  #messageOf(bytes: Buffer): LineContents {
    const json = messageJson(this.#redactor.redactText(bytes.toString()))
    return this.#scanned(json) ?? { json, values: [], byteLength: bytes.length }
  }

  #scanned(json: string): LineContents | undefined {
    const bytes = Buffer.from(json)
    if (!this.#scanner.find(bytes, this.#places, 0)) return undefined
    return { json, values: this.#values(bytes, json), byteLength: bytes.length }
  }

  #values(bytes: Buffer, text: string): readonly (string | undefined)[] {
    return lineFields.map((_, slot) => this.#value(bytes, text, slot * perSlot))
  }

  /** A text without its quotes, a number as it is written; undefined: null, an object, or nothing. */
  #value(bytes: Buffer, text: string, place: number): string | undefined {
    const places = this.#places
    const start = places[place + valueStart] as number
    if (start < 0) return undefined
    const end = places[place + valueEnd] as number
    const first = bytes[start] as number
    if (first === letterN || first >= openBrace || first === 0x5b) return undefined
    const token = this.#scanner.isAscii ? text.slice(start, end) : bytes.toString('utf8', start, end)
    if (first !== quote) return token
    if (((places[place + nameStart] as number) & isEscaped) === 0) return token.slice(1, -1)
    return JSON.parse(token) as string
  }
}
