/** The five levels of the fleet, from harmless to worst. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'critical'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogError {
  readonly type?: string | null
  readonly message?: string | null
  readonly stack?: string | null
}

/** What the topologies read of a log as producers send it. Everything may be missing or null. */
export interface LogFields {
  /** ISO 8601 text or epoch milliseconds. */
  readonly timestamp?: string | number | null | undefined
  readonly level?: string | null | undefined
  readonly component?: string | null | undefined
  readonly message?: string | null | undefined
  readonly service?: string | null | undefined
  readonly host?: string | null | undefined
  readonly hostname?: string | null | undefined
  readonly environment?: string | null | undefined
  readonly sessionId?: string | null | undefined
  readonly userId?: string | null | undefined
  readonly durationMs?: number | null | undefined
  readonly statusCode?: number | null | undefined
  readonly ip?: string | null | undefined
  readonly error?: LogError | null | undefined
  readonly eventId?: string | null | undefined
}

/** A log record as producers send it; fields that nobody here knows are kept. */
export interface LogRecord extends LogFields {
  readonly correlationId?: string | null
  readonly traceId?: string | null
  readonly spanId?: string | null
  readonly attributes?: Readonly<Record<string, unknown>> | null
  readonly [field: string]: unknown
}

export const dataClasses = ['public', 'internal', 'confidential', 'restricted'] as const
export type DataClass = (typeof dataClasses)[number]

/** Where an address lies. */
export interface Geo {
  readonly country: string
  readonly city: string | undefined
}
