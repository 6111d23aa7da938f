import { type Fields, fieldsText, type Redactor } from '../src/pipelines/index.ts'
import { isOwnShape, JsonLog, logMembers } from './json-log.ts'
import { JsonMembers } from './parsing/json-members.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads one log after another. It owns the scan of the log that it reads. */
export class LogReader {
  readonly #scan: JsonMembers
  readonly #redactor: Redactor

  constructor(redactor: Redactor) {
    this.#redactor = redactor
    this.#scan = new JsonMembers(logMembers, redactor)
  }

  /**
   * A log that is in the fleet's own shape, over its JSON. Undefined for any other, whose fields a pipeline has to find.
   * Throws where the bytes are not valid UTF-8.
   */
  parse(bytes: Uint8Array): JsonLog | undefined {
    if (!this.#scan.scan(bytes)) return undefined
    const text = this.#scan.isAscii ? bufferOf(bytes).toString('latin1') : utf8.decode(bytes)
    const shown = this.#redactor.redactJson(text, this.#scan.places)
    if (shown !== text && !this.#follow(text, shown)) return undefined
    const log = new JsonLog(shown, this.#scan, this.#redactor.found)
    return isOwnShape(log) ? log : undefined
  }

  #follow(text: string, shown: string): boolean {
    const { changes } = this.#redactor
    return (changes !== undefined && this.#scan.follow(text, changes)) || this.#scan.scan(Buffer.from(shown))
  }

  /** The log that a pipeline made: fields whose types are those of a log document. Redacts them in place. */
  of(fields: Fields): JsonLog {
    const redacted = this.#redactor.redactFields(fields)
    const text = fieldsText(fields)
    if (!this.#scan.scan(Buffer.from(text), true)) throw new TypeError('the fields of a log are not of their types')
    return new JsonLog(text, this.#scan, redacted)
  }
}

/** Records of Kafka are Buffers. */
function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
