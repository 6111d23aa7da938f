import { systemClock } from './clock.ts'
import { errorMessage } from './errors.ts'

/** Named values of a log line. */
export type LogFields = Readonly<Record<string, unknown>>

/** Structured logging; pino satisfies it (`(fields, message)`). No field may carry a secret. */
export interface Logger {
  /** Details for finding a fault. */
  debug(fields: LogFields, message: string): void
  /** Normal events, such as a change of state. */
  info(fields: LogFields, message: string): void
  /** Something failed and is retried, or a record was dropped. */
  warn(fields: LogFields, message: string): void
  /** Something failed and needs attention. */
  error(fields: LogFields, message: string): void
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger
}

/** Writes nothing. */
export const silentLogger: Logger = Object.freeze({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
})

/** Writes warnings and errors as lines on standard error; the default if no logger is given. */
export const standardErrorLogger: Logger = lineLogger({})

function lineLogger(common: LogFields): Logger {
  const at = (level: string) => (fields: LogFields, message: string) => {
    const time = new Date(systemClock.nowMs()).toISOString()
    process.stderr.write(`${time} ${level} millrace: ${message} ${textOf({ ...common, ...fields })}\n`)
  }
  return Object.freeze({
    debug: () => {},
    info: () => {},
    warn: at('WARN'),
    error: at('ERROR'),
    child: (fields: LogFields) => lineLogger({ ...common, ...fields }),
  })
}

function textOf(fields: LogFields): string {
  try {
    return JSON.stringify(fields, (_name, value: unknown) => {
      if (value instanceof Error) return errorMessage(value)
      return typeof value === 'bigint' ? String(value) : value
    })
  } catch {
    return '(fields that cannot be shown)'
  }
}
