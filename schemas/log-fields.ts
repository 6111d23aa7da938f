/** What the value of a field may be; null may stand everywhere. */
export type FieldType = 'text' | 'number' | 'object' | 'text-or-number' | 'any'

/** One field of a log document. */
export interface LogField {
  readonly type: FieldType
  /** Topologies read it: `JsonLog` has a member of that name. */
  readonly isRead?: true
  /** Enrichment writes it, in place of what the producer sent. */
  readonly isWritten?: true
  /** How Elasticsearch indexes it; without one it is kept and cannot be searched. */
  readonly mapping?: object
}

const keyword = { type: 'keyword', ignore_above: 1024 } as const
const fullText = { type: 'text' } as const
/** ISO 8601 text or epoch milliseconds. */
const time = { type: 'date', format: 'epoch_millis||strict_date_optional_time', ignore_malformed: true } as const
const errorMapping = { properties: { type: keyword, message: fullText } } as const

/**
 * The fields of a log document, from which types, checks, scan and index mapping follow. All may be missing, and fields
 * that are not listed are kept. What enrichment adds to a log is added in the order of this table.
 */
export const logFields = {
  timestamp: { type: 'text-or-number', isRead: true, isWritten: true, mapping: time },
  level: { type: 'text', isRead: true, isWritten: true, mapping: keyword },
  message: { type: 'text', isRead: true, isWritten: true, mapping: fullText },
  service: { type: 'text', isRead: true, isWritten: true, mapping: keyword },
  error: { type: 'object', isRead: true, mapping: errorMapping },
  dataClass: { type: 'any', isWritten: true, mapping: keyword },
  tags: { type: 'any', isWritten: true, mapping: keyword },
  priority: { type: 'any', isWritten: true, mapping: { type: 'byte', ignore_malformed: true } },
  geo: { type: 'any', isWritten: true },
  owner: { type: 'any', isWritten: true, mapping: keyword },
  tier: { type: 'any', isWritten: true, mapping: keyword },
  /** The log's own time where it is too far from Kafka's, which then is its timestamp. */
  originalTimestamp: { type: 'any', isWritten: true, mapping: time },
  /** What its message has in common with others of its form, where the worker looks for it. */
  templateId: { type: 'any', isWritten: true, mapping: keyword },
  templateText: { type: 'any', isWritten: true, mapping: keyword },
  component: { type: 'text', isRead: true, mapping: keyword },
  host: { type: 'text', isRead: true, mapping: keyword },
  hostname: { type: 'text', isRead: true, mapping: keyword },
  environment: { type: 'text', isRead: true, mapping: keyword },
  sessionId: { type: 'text', isRead: true, mapping: keyword },
  userId: { type: 'text', isRead: true, mapping: keyword },
  ip: { type: 'text', isRead: true, mapping: keyword },
  eventId: { type: 'text', isRead: true, mapping: keyword },
  route: { type: 'text', isRead: true, mapping: keyword },
  durationMs: { type: 'number', isRead: true, mapping: { type: 'double', ignore_malformed: true } },
  statusCode: { type: 'number', isRead: true, mapping: { type: 'integer', ignore_malformed: true } },
  correlationId: { type: 'text', mapping: keyword },
  traceId: { type: 'text', mapping: keyword },
  spanId: { type: 'text', mapping: keyword },
  attributes: { type: 'object' },
} as const satisfies Readonly<Record<string, LogField>>

type Fields = typeof logFields
type NamesOf<Use> = { [Name in keyof Fields]: Fields[Name] extends Use ? Name : never }[keyof Fields]

export type ReadField = NamesOf<{ readonly isRead: true }>
export type WrittenField = NamesOf<{ readonly isWritten: true }>
/** Fields whose type is checked, that nobody here reads or writes. */
export type KeptField = Exclude<keyof Fields, ReadField | WrittenField>

export interface LogError {
  readonly type?: string | null
  readonly message?: string | null
  readonly stack?: string | null
}

interface ValueOfType {
  readonly text: string
  readonly number: number
  readonly 'text-or-number': string | number
  readonly object: Readonly<Record<string, unknown>>
  readonly any: unknown
}

/** The value of a field, where there is one. */
export type FieldValue<Name extends keyof Fields> = Name extends 'error' ? LogError : ValueOfType[Fields[Name]['type']]
