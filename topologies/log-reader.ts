import type { LogRecord } from '../schemas/log-record.ts'
import { checkTypes, refuse } from './input-policy.ts'
import { JsonLog, logMembers } from './json-log.ts'
import { JsonMembers } from './parsing/json-members.ts'

/** Reads one log after another. It owns the scan of the log that it reads. */
export class LogReader {
  readonly #scan = new JsonMembers(logMembers)

  /** Bytes that are valid UTF-8, and their text. Throws BROKEN_JSON and WRONG_TYPE. */
  parse(bytes: Uint8Array, text: string): JsonLog {
    return this.#scan.scan(bytes) ? new JsonLog(text, this.#scan) : this.of(parsed(text))
  }

  /** Throws WRONG_TYPE; BROKEN_JSON where the record is nested too deep. */
  of(record: LogRecord): JsonLog {
    checkTypes(record)
    const text = JSON.stringify(record)
    if (!this.#scan.scan(Buffer.from(text), true)) throw refuse('BROKEN_JSON', 'the log record is nested too deep')
    return new JsonLog(text, this.#scan)
  }
}

function parsed(text: string): LogRecord {
  try {
    return JSON.parse(text) as LogRecord
  } catch {
    // The engine's own message quotes the record, which may hold secrets.
    throw refuse('BROKEN_JSON', 'the value of a log record is not valid JSON')
  }
}
