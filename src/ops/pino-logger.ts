import { destination, pino } from 'pino'
import type { Logger } from '../core/logger.ts'
import { type LogLevel, SwitchedLogger } from './switched-logger.ts'

/** How much is logged, and where. */
export interface PinoLoggerOptions {
  /** Lines below this level are left out. Default `info`. */
  readonly level?: LogLevel | undefined
  /** The file that lines are appended to; its directory is created. Default: standard error. */
  readonly file?: string | undefined
}

/** A logger that writes JSON lines with pino: time, level, fields and message. Throws when the file cannot be opened. */
export function createPinoLogger(options: PinoLoggerOptions = {}): Logger {
  // A file that is still being opened when the process ends would end it with an exception: it is opened at once.
  const file = { dest: options.file ?? '', mkdir: true, sync: true }
  const target = options.file === undefined ? destination(2) : destination(file)
  const lines = pino({ level: 'debug', base: null, timestamp: pino.stdTimeFunctions.isoTime }, target)
  return new SwitchedLogger(lines, { level: options.level ?? 'info' })
}
