import { fieldAt, type FieldPath } from '../pipelines/field-path.ts'
import { type Fields, type FieldValue, isFields, newFields } from '../pipelines/field-value.ts'
import { fieldsText } from '../pipelines/fields-text.ts'
import { parseJson } from '../pipelines/json/parse-json.ts'
import type { SeenFields } from '../pipelines/conditions/seen-fields.ts'

/** Fields of a log that filters ask for most, found when the line is read. */
export const lineFields = Object.freeze([
  'level',
  'component',
  'service',
  'correlationId',
  'sessionId',
  'userId',
  'message',
  'timestamp',
] as const)

/** Where a line is in Kafka. */
export interface LinePlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** What Kafka says of the record, in milliseconds since the epoch. */
  readonly recordTimeMs: number
  /** What kind of log it is, such as `audit`; undefined: nobody has said so. */
  readonly logClass?: string | undefined
}

/** What the scan of a line has found: its JSON, redacted, and the values of `lineFields` in their order. */
export interface LineContents {
  /** A valid JSON object. */
  readonly json: string
  readonly values: readonly (string | undefined)[]
  /** What the record takes in memory, about. */
  readonly byteLength: number
}

const lineBreaks = /[\r\n]+/g

/** A log as viewers get it. All of them share it: it is written once, however many want it. */
export class TailLine implements SeenFields {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly byteLength: number
  readonly logClass: string | undefined
  readonly level: string | undefined
  readonly component: string | undefined
  readonly service: string | undefined
  readonly correlationId: string | undefined
  readonly sessionId: string | undefined
  readonly userId: string | undefined
  readonly message: string | undefined
  /** Its own time, or Kafka's where it has none; milliseconds since the epoch. */
  readonly timeMs: number
  /** The log as JSON. */
  readonly json: string
  #fields: Fields | undefined
  #encoded: string | undefined

  constructor(
    { topic, partition, offset, recordTimeMs, logClass }: LinePlace,
    { json, values, byteLength }: LineContents,
  ) {
    this.logClass = logClass
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.byteLength = byteLength
    this.json = json
    ;[this.level, this.component, this.service, this.correlationId, this.sessionId, this.userId, this.message] = values
    this.timeMs = timeOf(values[7], recordTimeMs)
    this.#fields = undefined
    this.#encoded = undefined
  }

  /** A field by its path, for conditions. */
  seen(path: FieldPath): FieldValue | undefined {
    this.#fields ??= fieldsOf(this.json)
    return fieldAt(this.#fields, path)
  }

  /** Whether a person reads the same in both. */
  repeats(other: TailLine): boolean {
    return (
      this.message !== undefined &&
      this.message === other.message &&
      this.level === other.level &&
      this.service === other.service &&
      this.component === other.component
    )
  }

  /** Whether both are of one partition. */
  isBeside({ topic, partition }: TailLine): boolean {
    return this.partition === partition && this.topic === topic
  }

  /** The log as JSON on one line. */
  get jsonLine(): string {
    return this.json.replace(lineBreaks, ' ')
  }

  /** As JSON on one line, with its place. `count`: so many lines in a row say the same, this being the first of them. */
  encoded(count: number): string {
    this.#encoded ??= `{"topic":${JSON.stringify(this.topic)},"partition":${this.partition},"offset":${this.offset},"timeMs":${this.timeMs},"log":${this.jsonLine}`
    return count === 1 ? `${this.#encoded}}` : `${this.#encoded},"count":${count}}`
  }
}

/** The JSON of a log that is none: its text as the message. */
export function messageJson(message: string): string {
  const fields = newFields()
  fields.message = message
  return fieldsText(fields)
}

function fieldsOf(json: string): Fields {
  const value = parseJson(json)?.values[0]
  return isFields(value) ? value : newFields()
}

function timeOf(text: string | undefined, recordTimeMs: number): number {
  if (text === undefined) return recordTimeMs
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(number)) return number
  const timeMs = Date.parse(text)
  return Number.isNaN(timeMs) ? recordTimeMs : timeMs
}
