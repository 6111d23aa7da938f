import type { LogRecord } from '../schemas/log-record.ts'
import { detect, type Serde } from '../src/index.ts'
import type { InputFault } from './input-faults.ts'
import { refuse } from './input-policy.ts'
import { JsonLog } from './json-log.ts'

/** A value of an input topic: a structured record, or a line of plain text that is still to be parsed. */
export type LogInput = JsonLog | string

/**
 * Reads the three encodings of a log: Confluent's Avro frame, JSON, plain text. What cannot be read throws with a code:
 * BROKEN_JSON, WRONG_TYPE, INVALID_UTF8, VALUE_TOO_LARGE, AVRO_NOT_CONFIGURED, or the Avro serde's own.
 */
export function logInput(avro: Serde<LogRecord> | undefined, valueBytesMax: number): Serde<LogInput> {
  const detected = detect<LogInput>({ json: jsonLogs, avro: avro === undefined ? noAvro : avroLogs(avro), text: lines })
  return {
    ...detected,
    name: 'log-input',
    deserialize(bytes, topic, headers) {
      if (bytes.length <= valueBytesMax) return detected.deserialize(bytes, topic, headers)
      throw refused('VALUE_TOO_LARGE', `is ${bytes.length} bytes, more than ${valueBytesMax}`)
    },
  }
}

const jsonLogs: Serde<LogInput> = {
  name: 'json-log',
  serialize: (input) => Buffer.from(typeof input === 'string' ? input : input.text),
  deserialize: (bytes) => JsonLog.parse(bytes, textOf(bytes)),
}

const lines: Serde<LogInput> = { ...jsonLogs, name: 'line', deserialize: (bytes) => textOf(bytes) }

const noAvro: Serde<LogInput> = {
  ...jsonLogs,
  name: 'no-avro',
  deserialize() {
    throw refused('AVRO_NOT_CONFIGURED', 'is an Avro frame: set SCHEMA_REGISTRY_URL so that it can be read')
  },
}

function avroLogs(avro: Serde<LogRecord>): Serde<LogInput> {
  return {
    ...jsonLogs,
    name: avro.name,
    deserialize: (bytes, topic, headers) => JsonLog.of(avro.deserialize(bytes, topic, headers)),
    ...(avro.resolve && { resolve: (bytes, topic) => avro.resolve?.(bytes, topic) }),
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw refused('INVALID_UTF8', 'is neither Avro nor valid UTF-8')
  }
}

function refused(code: InputFault, why: string): Error {
  return refuse(code, `the value of a log record ${why}`)
}
