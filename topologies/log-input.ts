import { isUtf8 } from 'node:buffer'
import type { LogRecord } from '../schemas/log-record.ts'
import { MillraceError, type Serde } from '../src/index.ts'

/** A value of an input topic: a structured record, or a line of plain text that is still to be parsed. */
export type LogInput =
  | { readonly kind: 'structured'; readonly record: LogRecord }
  | { readonly kind: 'text'; readonly line: string }

const braceOpen = 0x7b
const space = 0x20

/**
 * Tells the three encodings of a log apart by its first byte: 0 is Confluent's Avro frame, `{` is JSON, the rest is text.
 * What cannot be read throws with a code: BROKEN_JSON, INVALID_UTF8, VALUE_TOO_LARGE, AVRO_NOT_CONFIGURED, or the Avro serde's own.
 */
export function logInput(avro: Serde<LogRecord> | undefined, valueBytesMax: number): Serde<LogInput> {
  const serde: Serde<LogInput> = {
    name: 'log-input',
    serialize(input, topic, headers) {
      if (input.kind === 'text') return Buffer.from(input.line)
      return avro?.serialize(input.record, topic, headers) ?? Buffer.from(JSON.stringify(input.record))
    },
    deserialize(bytes, topic, headers) {
      if (bytes.length > valueBytesMax) {
        throw refused('VALUE_TOO_LARGE', `is ${bytes.length} bytes, more than ${valueBytesMax}`)
      }
      if (bytes[0] === 0) {
        if (avro === undefined) {
          throw refused('AVRO_NOT_CONFIGURED', 'is an Avro frame: set SCHEMA_REGISTRY_URL so that it can be read')
        }
        return { kind: 'structured', record: avro.deserialize(bytes, topic, headers) }
      }
      if (!isUtf8(bytes)) throw refused('INVALID_UTF8', 'is neither Avro nor valid UTF-8')
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
      return firstVisible(bytes) === braceOpen
        ? { kind: 'structured', record: parse(text) }
        : { kind: 'text', line: text }
    },
  }
  const resolve = avro?.resolve?.bind(avro)
  return resolve === undefined
    ? serde
    : { ...serde, resolve: (bytes, topic) => (bytes[0] === 0 ? resolve(bytes, topic) : undefined) }
}

function firstVisible(bytes: Uint8Array): number | undefined {
  let index = 0
  while (index < bytes.length && (bytes[index] ?? 0) <= space) index++
  return bytes[index]
}

function parse(text: string): LogRecord {
  try {
    return JSON.parse(text) as LogRecord
  } catch (error) {
    throw refused('BROKEN_JSON', `is not valid JSON: ${(error as Error).message}`)
  }
}

function refused(code: string, why: string): MillraceError {
  return new MillraceError(code, 'record', `the value of a log record ${why}`)
}
