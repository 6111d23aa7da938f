import type { LogRecord } from '../schemas/log-record.ts'
import { detect, type Serde } from '../src/index.ts'
import type { Redactor } from '../src/pipelines/index.ts'
import { refuse } from './input-policy.ts'
import { JsonLog } from './json-log.ts'
import { LogReader } from './log-reader.ts'

/** A value of an input topic: a log in the fleet's own shape, or bytes that a pipeline is to read. */
export type LogInput = JsonLog | Uint8Array

export interface LogInputOptions {
  readonly avro: Serde<LogRecord> | undefined
  readonly valueBytesMax: number
  /** Whether logs in the fleet's own shape are read here. A pipeline with steps gets them all. */
  readonly takesOwnShape: boolean
  readonly redactor: Redactor
}

/**
 * Reads what needs no pipeline: logs in the fleet's own shape, as JSON or in Confluent's Avro frame. Throws
 * AVRO_NOT_CONFIGURED, or the Avro serde's own errors; everything else is passed on as it came,
 * also what is larger than the bound.
 */
export function logInput({ avro, valueBytesMax, takesOwnShape, redactor }: LogInputOptions): Serde<LogInput> {
  const reader = takesOwnShape ? new LogReader(redactor) : undefined
  const detected = detect<LogInput>({
    json: jsonLogs(reader),
    avro: avro === undefined ? noAvro : avroLogs(avro, reader),
    text: unread,
  })
  return {
    ...detected,
    name: 'log-input',
    deserialize: (bytes, topic, headers) =>
      bytes.length <= valueBytesMax ? detected.deserialize(bytes, topic, headers) : bytes,
  }
}

const unread: Serde<LogInput> = {
  name: 'unread',
  serialize: (input) => (input instanceof JsonLog ? Buffer.from(input.text) : input),
  deserialize: (bytes) => bytes,
}

function jsonLogs(reader: LogReader | undefined): Serde<LogInput> {
  return { ...unread, name: 'json-log', deserialize: (bytes) => ownLog(reader, bytes) ?? bytes }
}

const noAvro: Serde<LogInput> = {
  ...unread,
  name: 'no-avro',
  deserialize(bytes) {
    if (!isAvroFrame(bytes)) return bytes
    throw refuse('AVRO_NOT_CONFIGURED', 'the value of a log record is an Avro frame: set SCHEMA_REGISTRY_URL')
  },
}

function avroLogs(avro: Serde<LogRecord>, reader: LogReader | undefined): Serde<LogInput> {
  return {
    ...unread,
    name: avro.name,
    deserialize(bytes, topic, headers) {
      if (!isAvroFrame(bytes)) return bytes
      const json = Buffer.from(JSON.stringify(avro.deserialize(bytes, topic, headers)))
      return ownLog(reader, json) ?? json
    },
    ...(avro.resolve && {
      resolve: (bytes, topic) => (isAvroFrame(bytes) ? avro.resolve?.(bytes, topic) : undefined),
    }),
  }
}

const space = 0x20
const tab = 0x09
const frameBytes = 5
const usualIdMax = 1_000_000

/**
 * A zero byte and the id of a schema, which is never zero. Programs that lose their place in a file write NULs too, which
 * make another id, or one that no registry has given out yet, in front of bytes of which none belongs to Avro.
 */
function isAvroFrame(bytes: Uint8Array): boolean {
  if (bytes.length < frameBytes || bytes[0] !== 0) return false
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
  if (id === 0) return false
  return id <= usualIdMax || bytes.subarray(1, 16).some((byte) => byte < space && byte !== tab)
}

function ownLog(reader: LogReader | undefined, bytes: Uint8Array): JsonLog | undefined {
  try {
    return reader?.parse(bytes)
  } catch {
    return undefined
  }
}
