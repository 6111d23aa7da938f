import { type Fields, fieldsText, type Redactor } from '../src/pipelines/index.ts'
import { isOwnShape, JsonLog, logMembers } from './json-log.ts'
import { JsonMembers } from './parsing/json-members.ts'
import { SecretPlaces } from './secret-places.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads one log after another. It owns the scan of the log that it reads. */
export class LogReader {
  readonly #scan = new JsonMembers(logMembers)
  readonly #redactor: Redactor
  readonly #places: SecretPlaces

  constructor(redactor: Redactor) {
    this.#redactor = redactor
    this.#places = new SecretPlaces(Object.keys(logMembers), (name) => redactor.isSecretName(name))
  }

  /**
   * A log that is in the fleet's own shape, over its JSON. Undefined for any other, whose fields a pipeline has to find.
   * Throws where the bytes are not valid UTF-8.
   */
  parse(bytes: Uint8Array): JsonLog | undefined {
    if (!this.#scan.scan(bytes)) return undefined
    const text = this.#scan.isAscii ? bufferOf(bytes).toString('latin1') : utf8.decode(bytes)
    const shown = this.#redactor.redactJson(text, bytes, this.#places.of(text, this.#scan))
    if (shown !== text && !this.#scan.scan(Buffer.from(shown))) return undefined
    const log = new JsonLog(shown, this.#scan, this.#redactor.found)
    return isOwnShape(log) ? log : undefined
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
