import { type FieldPath, fieldAt, removeFieldAt, setFieldAt } from './field-path.ts'
import { type Fields, type FieldValue, newFields } from './field-value.ts'

const parseFailure = '_parse_failure'

/**
 * A log on its way through a pipeline. Its steps change it, one after another, by the verbs below; nobody else holds it.
 * The fields of a finished event have the names of a log document: `timestamp` (epoch milliseconds), `level` (one of
 * five), `message`, `service`, `component`, `host`, `ip`, `statusCode`, `durationMs`, `error` and so on. All others are
 * kept beside them.
 */
export class LogEvent {
  /** The time that Kafka gave the record, epoch milliseconds. */
  readonly receivedMs: number
  /** What lines of one origin have in common: hints of formats, partial lines and counters are kept for it. */
  readonly source: string
  /** The line or the JSON as it came. */
  readonly original: string
  /** Its members; steps that replace all of them, such as `json`, set the object. */
  fields: Fields = newFields()
  readonly #tags: string[] = []
  /** Its tag `_parse_failure` is only of its line, which a step may still read. */
  #isUnread = false

  constructor(original: string, receivedMs: number, source: string) {
    this.original = original
    this.receivedMs = receivedMs
    this.source = source
  }

  /** The tags of the pipeline, each once. */
  get tags(): readonly string[] {
    return this.#tags
  }

  /** The value of a field; undefined: there is none. */
  get(path: FieldPath): FieldValue | undefined {
    return fieldAt(this.fields, path)
  }

  /** As `get`, for conditions and templates: to them the tags of the log and those of the pipeline are one list. */
  seen(path: FieldPath): FieldValue | undefined {
    const value = this.get(path)
    if (path.text !== 'tags' || this.#tags.length === 0) return value
    return [...(Array.isArray(value) ? (value as FieldValue[]) : value === undefined ? [] : [value]), ...this.#tags]
  }

  /** Objects on the way are made; what is no object on the way is replaced. */
  set(path: FieldPath, value: FieldValue): void {
    setFieldAt(this.fields, path, value)
  }

  /** Removes a field, if it is there. */
  remove(path: FieldPath): void {
    removeFieldAt(this.fields, path)
  }

  /** Adds a tag of the pipeline. The log's own tags stay in its field `tags`. */
  tag(name: string): void {
    if (name === parseFailure) this.#isUnread = false
    if (!this.#tags.includes(name)) this.#tags.push(name)
  }

  /** No format fits its line: tagged `_parse_failure`, until a step reads the message. */
  leaveUnread(): void {
    const isFirst = !this.#tags.includes(parseFailure)
    this.tag(parseFailure)
    this.#isUnread = isFirst
  }

  /** A step has read the text of a field. */
  markRead(path: FieldPath): void {
    if (!this.#isUnread || path.text !== 'message') return
    this.#isUnread = false
    this.#tags.splice(this.#tags.indexOf(parseFailure), 1)
  }

  /** Takes a tag away, of the pipeline and of the log's own field `tags`. */
  untag(name: string): void {
    if (name === parseFailure) this.#isUnread = false
    const at = this.#tags.indexOf(name)
    if (at >= 0) this.#tags.splice(at, 1)
    const { tags } = this.fields
    if (Array.isArray(tags)) this.fields.tags = tags.filter((tag) => tag !== name)
  }
}
