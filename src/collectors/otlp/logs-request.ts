import { type FieldHandler, fieldsOf } from './protobuf-reader.ts'

/** A message as OTLP writes it in JSON. */
type Message = Record<string, unknown>

/** Deeper values are refused: each depth is a call. */
const depthMax = 64

/**
 * The resource logs of an `ExportLogsServiceRequest`, as OTLP/JSON writes them: numbers of 64 bits are texts, ids are
 * hexadecimal, bytes are base64. Fields are those of opentelemetry-proto 1.x. Throws for what is no such message.
 */
export function readLogsRequest(bytes: Buffer): readonly Message[] {
  const resourceLogs: Message[] = []
  fieldsOf(bytes, (field, value) => {
    if (field === 1) resourceLogs.push(readResourceLogs(value.bytes))
  })
  return resourceLogs
}

function readResourceLogs(bytes: Buffer): Message {
  const scopeLogs: Message[] = []
  const message: Message = { scopeLogs }
  fieldsOf(bytes, (field, value) => {
    if (field === 1) message.resource = readResource(value.bytes)
    else if (field === 2) scopeLogs.push(readScopeLogs(value.bytes))
    else if (field === 3) message.schemaUrl = value.text
  })
  return message
}

function readResource(bytes: Buffer): Message {
  return read({ attributes: [] }, bytes, (message) => (field, value) => {
    if (field === 1) listOf(message, 'attributes').push(readKeyValue(value.bytes, 0))
    else if (field === 2) message.droppedAttributesCount = value.number
  })
}

function readScopeLogs(bytes: Buffer): Message {
  return read({ logRecords: [] }, bytes, (message) => (field, value) => {
    if (field === 1) message.scope = readScope(value.bytes)
    else if (field === 2) listOf(message, 'logRecords').push(readLogRecord(value.bytes))
    else if (field === 3) message.schemaUrl = value.text
  })
}

function readScope(bytes: Buffer): Message {
  return read({}, bytes, (message) => (field, value) => {
    if (field === 1) message.name = value.text
    else if (field === 2) message.version = value.text
    else if (field === 3) listOf(message, 'attributes').push(readKeyValue(value.bytes, 0))
    else if (field === 4) message.droppedAttributesCount = value.number
  })
}

function readLogRecord(bytes: Buffer): Message {
  return read({}, bytes, (message) => (field, value) => {
    switch (field) {
      case 1:
        message.timeUnixNano = String(value.unsigned)
        break
      case 2:
        message.severityNumber = value.number
        break
      case 3:
        message.severityText = value.text
        break
      case 5:
        message.body = readAnyValue(value.bytes, 0)
        break
      case 6:
        listOf(message, 'attributes').push(readKeyValue(value.bytes, 0))
        break
      case 7:
        message.droppedAttributesCount = value.number
        break
      case 8:
        message.flags = value.number
        break
      case 9:
        message.traceId = value.bytes.toString('hex')
        break
      case 10:
        message.spanId = value.bytes.toString('hex')
        break
      case 11:
        message.observedTimeUnixNano = String(value.unsigned)
        break
      case 12:
        message.eventName = value.text
    }
  })
}

function readKeyValue(bytes: Buffer, depth: number): Message {
  return read({ key: '' }, bytes, (message) => (field, value) => {
    if (field === 1) message.key = value.text
    else if (field === 2) message.value = readAnyValue(value.bytes, depth + 1)
  })
}

function readAnyValue(bytes: Buffer, depth: number): Message {
  if (depth > depthMax) throw new TypeError(`a value is deeper than ${depthMax}`)
  return read({}, bytes, (message) => (field, value) => {
    switch (field) {
      case 1:
        message.stringValue = value.text
        break
      case 2:
        message.boolValue = value.number !== 0
        break
      case 3:
        message.intValue = String(value.signed)
        break
      case 4:
        message.doubleValue = finite(value.double)
        break
      case 5:
        message.arrayValue = { values: valuesOf(value.bytes, depth) }
        break
      case 6:
        message.kvlistValue = { values: pairsOf(value.bytes, depth) }
        break
      case 7:
        message.bytesValue = value.bytes.toString('base64')
    }
  })
}

function valuesOf(bytes: Buffer, depth: number): readonly Message[] {
  const values: Message[] = []
  fieldsOf(bytes, (field, value) => {
    if (field === 1) values.push(readAnyValue(value.bytes, depth + 1))
  })
  return values
}

function pairsOf(bytes: Buffer, depth: number): readonly Message[] {
  const pairs: Message[] = []
  fieldsOf(bytes, (field, value) => {
    if (field === 1) pairs.push(readKeyValue(value.bytes, depth + 1))
  })
  return pairs
}

/** As JSON of protobuf writes what JSON has no number for. */
function finite(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

function read(message: Message, bytes: Buffer, handlerOf: (message: Message) => FieldHandler): Message {
  fieldsOf(bytes, handlerOf(message))
  return message
}

function listOf(message: Message, name: string): unknown[] {
  return (message[name] ??= []) as unknown[]
}
