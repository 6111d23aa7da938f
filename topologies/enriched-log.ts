import type { DataClass, Geo, LogLevel } from '../schemas/log-record.ts'
import type { RuleLog } from '../src/alerts/index.ts'
import {
  type FailedLogin,
  failedLogin,
  fieldAt,
  type FieldPath,
  type Fields,
  type FieldValue,
  isFields,
  newFields,
  parseJson,
} from '../src/pipelines/index.ts'
import { changeSlots, type JsonLog, noChanges } from './json-log.ts'
import { epochMsText, jsonText } from './parsing/json-text.ts'

/** What enrichment found out about a log. */
export interface Findings {
  /** Epoch milliseconds: the event's own time, or the record's where the event has none that can be used. */
  readonly timestamp: number
  /** When Kafka received it, in epoch milliseconds, or earlier where its producer's clock is ahead of others. */
  readonly receivedMs: number
  /** Where it is not that of its record alone: a trace of several records, or one of several logs of a record. */
  readonly documentId: string | undefined
  /** The event's own time where it is too far from the record's to be used. */
  readonly originalTimestamp: number | undefined
  readonly level: LogLevel
  readonly message: string
  readonly service: string
  readonly dataClass: DataClass
  readonly tags: readonly string[]
  /** 0 (noise) to 100 (look now). */
  readonly priority: number
  readonly geo: Geo | undefined
}

/** Who answers for a service. */
export interface Ownership {
  readonly owner: string
  readonly tier: string
}

/** What the message of a log has in common with others of its form. */
export interface LogTemplate {
  readonly id: string
  readonly text: string
}

const changes = noChanges()

/** A log after enrichment: what every topology downstream may rely on, and its document. */
export class EnrichedLog implements Findings, RuleLog {
  readonly timestamp: number
  readonly receivedMs: number
  readonly documentId: string | undefined
  readonly originalTimestamp: number | undefined
  readonly level: LogLevel
  readonly message: string
  readonly service: string
  readonly dataClass: DataClass
  readonly tags: readonly string[]
  readonly priority: number
  readonly geo: Geo | undefined
  readonly #source: JsonLog
  #ownership: Ownership | undefined
  #template: LogTemplate | undefined
  #hasNewTemplate: boolean
  #document: string | undefined
  /** Of the document, read when a rule asks for a field that is not at hand. */
  #fields: Fields | undefined
  /** Null: it was not looked for yet. */
  #login: FailedLogin | undefined | null

  constructor(source: JsonLog, findings: Findings) {
    this.#source = source
    this.#ownership = undefined
    this.#template = undefined
    this.#hasNewTemplate = false
    this.#document = undefined
    this.#fields = undefined
    this.#login = null
    this.timestamp = findings.timestamp
    this.receivedMs = findings.receivedMs
    this.documentId = findings.documentId
    this.originalTimestamp = findings.originalTimestamp
    this.level = findings.level
    this.message = findings.message
    this.service = findings.service
    this.dataClass = findings.dataClass
    this.tags = findings.tags
    this.priority = findings.priority
    this.geo = findings.geo
  }

  get component(): string | undefined {
    return this.#source.component
  }

  get host(): string | undefined {
    return this.#source.host ?? this.#source.hostname
  }

  get ip(): string | undefined {
    return this.#source.ip
  }

  get eventId(): string | undefined {
    return this.#source.eventId
  }

  get route(): string | undefined {
    return this.#source.route
  }

  get statusCode(): number | undefined {
    return this.#source.statusCode
  }

  get durationMs(): number | undefined {
    return this.#source.durationMs
  }

  get isFlat(): boolean {
    return this.#source.isFlat
  }

  /** A field of the document, for conditions. A field of a log that is null counts as missing where it is at hand. */
  seen(path: FieldPath): FieldValue | undefined {
    if (this.#template !== undefined && path.text === 'templateId') return this.#template.id
    const atHand = fieldsAtHand.get(path.text)
    return atHand === undefined ? this.#fieldAt(path) : atHand(this, this.#source)
  }

  /** The failed login that it tells of. Looked for once. */
  get login(): FailedLogin | undefined {
    if (this.#login === null) {
      const { said: text, message, host, ip, statusCode, isFlat } = this
      this.#login = failedLogin({ text, message, host, ip, statusCode, isFlat })
    }
    return this.#login
  }

  /** What the log says, for people: an example in an alert. */
  get sample(): string {
    return this.said
  }

  /** Tells the log who answers for its service. Only before anybody has its document. */
  belongsTo(ownership: Ownership): void {
    this.#ownership = ownership
  }

  /** Tells the log its template: the texts are those of now. Only before anybody has its document. */
  hasTemplate({ id, text }: LogTemplate, isNew = false): void {
    this.#template = { id, text }
    this.#hasNewTemplate = isNew
  }

  /** Whether no log of the service had its template before. */
  get hasNewTemplate(): boolean {
    return this.#hasNewTemplate
  }

  /** Undefined where templates are not looked for, and where the message is empty. */
  get template(): LogTemplate | undefined {
    return this.#template
  }

  /** The document: the log as JSON, with all that was found out. Written once. */
  toText(): string {
    this.#document ??= this.#write(this.#ownership)
    return this.#document
  }

  /** The document as sinks take it that know nothing of logs. */
  toBytes(): Uint8Array {
    return Buffer.from(this.toText())
  }

  /** For JSON.stringify, as when a sink refuses the log. */
  toJSON(): unknown {
    return JSON.parse(this.toText())
  }

  /** What the log says, as JSON: redacted, and before enrichment. */
  get said(): string {
    return this.#source.text
  }

  #fieldAt(path: FieldPath): FieldValue | undefined {
    this.#fields ??= fieldsOf(this.toText())
    return fieldAt(this.#fields, path)
  }

  #write(ownership: Ownership | undefined): string {
    const source = this.#source
    changes[changeSlots.timestamp] = epochMsText(this.timestamp)
    if (this.level !== source.level) changes[changeSlots.level] = `"${this.level}"`
    if (this.message !== source.message) changes[changeSlots.message] = jsonText(this.message)
    if (this.service !== source.service) changes[changeSlots.service] = jsonText(this.service)
    changes[changeSlots.dataClass] = `"${this.dataClass}"`
    changes[changeSlots.tags] = this.tags.length === 0 ? '[]' : JSON.stringify(this.tags)
    if (!source.says(changeSlots.priority)) changes[changeSlots.priority] = String(this.priority)
    if (this.geo !== undefined && !source.says(changeSlots.geo)) changes[changeSlots.geo] = JSON.stringify(this.geo)
    if (this.originalTimestamp !== undefined)
      changes[changeSlots.originalTimestamp] = epochMsText(this.originalTimestamp)
    if (ownership !== undefined) {
      changes[changeSlots.owner] = jsonText(ownership.owner)
      changes[changeSlots.tier] = jsonText(ownership.tier)
    }
    if (this.#template !== undefined) {
      changes[changeSlots.templateId] = `"${this.#template.id}"`
      changes[changeSlots.templateText] = jsonText(this.#template.text)
    }
    const text = source.textWith(changes)
    changes.fill(undefined)
    return text
  }
}

type FieldAtHand = (log: EnrichedLog, source: JsonLog) => FieldValue | undefined

/** Fields that are known without a look into the document. */
const fieldsAtHand: ReadonlyMap<string, FieldAtHand> = new Map<string, FieldAtHand>([
  ['service', (log) => log.service],
  ['level', (log) => log.level],
  ['message', (log) => log.message],
  ['timestamp', (log) => log.timestamp],
  ['dataClass', (log) => log.dataClass],
  ['tags', (log) => log.tags],
  ['component', (_, source) => source.component],
  ['host', (_, source) => source.host],
  ['hostname', (_, source) => source.hostname],
  ['environment', (_, source) => source.environment],
  ['sessionId', (_, source) => source.sessionId],
  ['userId', (_, source) => source.userId],
  ['ip', (_, source) => source.ip],
  ['eventId', (_, source) => source.eventId],
  ['route', (_, source) => source.route],
  ['durationMs', (_, source) => source.durationMs],
  ['statusCode', (_, source) => source.statusCode],
  ['failedLogin.source', (log) => log.login?.source],
  ['failedLogin.user', (log) => log.login?.user],
  ['failedLogin.connection', (log) => log.login?.connection],
  ['failedLogin.count', (log) => log.login?.count],
])

function fieldsOf(document: string): Fields {
  const value = parseJson(document)?.values[0]
  return isFields(value) ? value : newFields()
}
