/** The five levels of the fleet, from harmless to worst. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'critical'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogError {
  readonly type?: string | null
  readonly message?: string | null
  readonly stack?: string | null
}

/**
 * A log record as producers send it: everything may be missing or null, unknown fields are kept.
 * `timestamp` is ISO 8601 text or epoch milliseconds.
 */
export interface LogRecord {
  readonly timestamp?: string | number | null
  readonly level?: string | null
  readonly component?: string | null
  readonly message?: string | null
  readonly service?: string | null
  readonly host?: string | null
  readonly hostname?: string | null
  readonly environment?: string | null
  readonly correlationId?: string | null
  readonly sessionId?: string | null
  readonly userId?: string | null
  readonly traceId?: string | null
  readonly spanId?: string | null
  readonly durationMs?: number | null
  readonly statusCode?: number | null
  readonly ip?: string | null
  readonly error?: LogError | null
  readonly attributes?: Readonly<Record<string, unknown>> | null
  readonly eventId?: string | null
  readonly [field: string]: unknown
}

export const dataClasses = ['public', 'internal', 'confidential', 'restricted'] as const
export type DataClass = (typeof dataClasses)[number]

/** A record after enrichment: what every topology downstream may rely on. */
export interface EnrichedLog extends LogRecord {
  /** Epoch milliseconds: the event's own time, or the record's where the event has none that can be used. */
  readonly timestamp: number
  readonly level: LogLevel
  readonly message: string
  readonly service: string
  readonly dataClass: DataClass
  readonly tags: readonly string[]
  /** 0 (noise) to 100 (look now). */
  readonly priority: number
}
