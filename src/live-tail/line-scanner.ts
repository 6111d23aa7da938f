import type { Headers } from '../core/headers.ts'
import { jsonPlaces, JsonScanner } from '../core/json/json-scanner.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { Redactor } from '../pipelines/redaction/redact.ts'
import { type LineContents, lineFields, messageJson, TailLine } from './tail-line.ts'

const { valueStart, valueEnd, nameStart, perSlot, isEscaped } = jsonPlaces
const quote = 0x22
const letterN = 0x6e
const openBrace = 0x7b

/** The header of a record that says what kind of log its value is: `application`, `audit`, `performance`, `security`. */
export const logClassHeader = 'millrace.log-class'

/** How records become lines. */
export interface LineScannerOptions {
  /** Classes of logs by their topic, where no header says one; undefined: nobody asks for classes. */
  readonly topicClasses?: Readonly<Record<string, string>> | undefined
  /** What is hidden from those for whom masks hold. Default: nothing. */
  readonly masks?: Redactor | undefined
}

/** Makes lines of records: redacted first, so that no filter finds what is hidden. */
export class LineScanner {
  readonly #redactor: Redactor
  readonly #topicClasses: ReadonlyMap<string, string> | undefined
  readonly #masks: Redactor | undefined
  readonly #scanner = new JsonScanner(lineFields)
  readonly #places = new Int32Array(this.#scanner.placesLength)

  constructor(redactor: Redactor, { topicClasses, masks }: LineScannerOptions = {}) {
    this.#redactor = redactor
    this.#topicClasses = topicClasses && new Map(Object.entries(topicClasses))
    this.#masks = masks
  }

  /** Undefined: the record has no value. Never throws for what a record holds. */
  line(batch: RecordBatch, index: number): TailLine | undefined {
    const value = batch.value(index)
    if (value === null) return undefined
    const { topic, partition } = batch
    const recordTimeMs = batch.timestamp(index)
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    const logClass = this.#topicClasses && (classOf(batch.headers(index)) ?? this.#topicClasses.get(topic))
    const place = { topic, partition, offset: batch.offset(index), recordTimeMs, logClass }
    return new TailLine(place, this.#contents(bytes))
  }

  /** The line for those for whom masks hold; the same line where there is nothing to mask. */
  masked(line: TailLine): TailLine {
    const json = this.#masks?.redactJson(line.json) ?? line.json
    if (json === line.json) return line
    const { topic, partition, offset, timeMs, logClass } = line
    const contents = this.#scanned(json) ?? this.#messageOf(Buffer.from(json))
    return new TailLine({ topic, partition, offset, recordTimeMs: timeMs, logClass }, contents)
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

function classOf(headers: Headers): string | undefined {
  const value = headers.find(({ key }) => key === logClassHeader)?.value
  return value == null ? undefined : Buffer.from(value).toString()
}
