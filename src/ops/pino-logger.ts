import { destination, pino } from 'pino'
import type { Logger } from '../core/logger.ts'

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** undefined: standard error. */
  readonly file?: string | undefined
}

/** JSON lines by pino. */
export function createPinoLogger(options: PinoLoggerOptions): Logger {
  const target = options.file === undefined ? destination(2) : destination({ dest: options.file, mkdir: true })
  return pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target)
}
