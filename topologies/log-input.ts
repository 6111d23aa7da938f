import type { LogRecord } from '../schemas/log-record.ts'
import { detect, type Serde } from '../src/index.ts'
import type { InputFault } from './input-faults.ts'
import { refuse } from './input-policy.ts'
import type { JsonLog } from './json-log.ts'
import { LogReader } from './log-reader.ts'

/** A value of an input topic: a structured record, or a line of plain text that is still to be parsed. */
export type LogInput = JsonLog | string

/**
 * Reads the three encodings of a log: Confluent's Avro frame, JSON, plain text. What cannot be read throws with a code:
 * BROKEN_JSON, WRONG_TYPE, INVALID_UTF8, VALUE_TOO_LARGE, AVRO_NOT_CONFIGURED, or the Avro serde's own.
 */
export function logInput(avro: Serde<LogRecord> | undefined, valueBytesMax: number): Serde<LogInput> {
  const reader = new LogReader()
  const avroInput = avro === undefined ? noAvro : avroLogs(avro, reader)
  const detected = detect<LogInput>({ json: jsonLogs(reader), avro: avroInput, text: lines })
  return {
    ...detected,
    name: 'log-input',
    deserialize(bytes, topic, headers) {
      if (bytes.length <= valueBytesMax) return detected.deserialize(bytes, topic, headers)
      throw refused('VALUE_TOO_LARGE', `is ${bytes.length} bytes, more than ${valueBytesMax}`)
    },
  }
}

const lines: Serde<LogInput> = {
  name: 'line',
  serialize: (input) => Buffer.from(typeof input === 'string' ? input : input.text),
  deserialize: (bytes) => textOf(bytes),
}

function jsonLogs(reader: LogReader): Serde<LogInput> {
  return { ...lines, name: 'json-log', deserialize: (bytes) => reader.parse(bytes, textOf(bytes)) }
}

const noAvro: Serde<LogInput> = {
  ...lines,
  name: 'no-avro',
  deserialize() {
    throw refused('AVRO_NOT_CONFIGURED', 'is an Avro frame: set SCHEMA_REGISTRY_URL so that it can be read')
  },
}

function avroLogs(avro: Serde<LogRecord>, reader: LogReader): Serde<LogInput> {
  return {
    ...lines,
    name: avro.name,
    deserialize: (bytes, topic, headers) => reader.of(avro.deserialize(bytes, topic, headers)),
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
