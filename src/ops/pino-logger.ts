import { destination, pino } from 'pino'
import type { Logger } from '../core/logger.ts'

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** undefined: standard error. */
  readonly file?: string | undefined
}

/** JSON lines by pino. */
export function createPinoLogger(options: PinoLoggerOptions): Logger {
  // A file that is still being opened when the process ends would end it with an exception: it is opened at once.
  const file = { dest: options.file ?? '', mkdir: true, sync: true }
  const target = options.file === undefined ? destination(2) : destination(file)
  return pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target)
}
