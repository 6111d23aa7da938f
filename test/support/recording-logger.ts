import type { LogFields, Logger } from '../../src/core/logger.ts'

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: LogFields
  readonly message: string
}

/** Keeps every line for a test to look at. */
export class RecordingLogger implements Logger {
  readonly lines: LoggedLine[] = []

  debug(fields: LogFields, message: string): void {
    this.lines.push({ level: 'debug', fields, message })
  }

  info(fields: LogFields, message: string): void {
    this.lines.push({ level: 'info', fields, message })
  }

  warn(fields: LogFields, message: string): void {
    this.lines.push({ level: 'warn', fields, message })
  }

  error(fields: LogFields, message: string): void {
    this.lines.push({ level: 'error', fields, message })
  }

  child(): Logger {
    return this
  }

  at(level: LoggedLine['level']): readonly LoggedLine[] {
    return this.lines.filter((line) => line.level === level)
  }
}
