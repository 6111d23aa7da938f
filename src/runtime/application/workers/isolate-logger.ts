import type { LogFields, Logger } from '../../../core/logger.ts'
import type { IsolateMessages } from './messages.ts'
import { plainValue } from './plain-error.ts'

/** The logger of a worker thread: each line goes to the logger of the application. */
export function isolateLogger(send: (line: IsolateMessages['news']['log']) => void, common: LogFields = {}): Logger {
  const at =
    (level: IsolateMessages['news']['log']['level']) =>
    (fields: LogFields, message: string): void =>
      send({ level, fields: plainFields({ ...common, ...fields }), message })
  return Object.freeze({
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields: LogFields) => isolateLogger(send, { ...common, ...fields }),
  })
}

function plainFields(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainValue(value)]))
}
