import type { LogFields, Logger } from '../core/logger.ts'

/** What is logged: lines of this level and above. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The levels, from the one that logs most. */
export const logLevels: readonly LogLevel[] = Object.freeze(['debug', 'info', 'warn', 'error'])

/** A level that may be changed while loggers use it. */
export interface LogLevelSwitch {
  /** The level in use. */
  level: LogLevel
}

/** A logger whose level may be changed at any time, for itself and for all loggers that were made of it. */
export class SwitchedLogger implements Logger {
  readonly #target: Logger
  /** Shared with those that were made of it. */
  readonly levelSwitch: LogLevelSwitch

  /** `target` must log every level. */
  constructor(target: Logger, levelSwitch: LogLevelSwitch) {
    this.#target = target
    this.levelSwitch = levelSwitch
  }

  debug(fields: LogFields, message: string): void {
    if (this.#logs('debug')) this.#target.debug(fields, message)
  }

  info(fields: LogFields, message: string): void {
    if (this.#logs('info')) this.#target.info(fields, message)
  }

  warn(fields: LogFields, message: string): void {
    if (this.#logs('warn')) this.#target.warn(fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.#target.error(fields, message)
  }

  child(fields: LogFields): Logger {
    return new SwitchedLogger(this.#target.child(fields), this.levelSwitch)
  }

  #logs(level: LogLevel): boolean {
    return logLevels.indexOf(level) >= logLevels.indexOf(this.levelSwitch.level)
  }
}
