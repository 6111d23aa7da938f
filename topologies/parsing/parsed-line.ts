import type { LogRecord } from '../../schemas/log-record.ts'

/** A parsed line: the fields of a log record, with the name of the format (`unknown` where none fits). */
export interface ParsedLine {
  readonly format: string
  readonly record: LogRecord
}
