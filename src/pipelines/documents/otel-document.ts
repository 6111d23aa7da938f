import { type Fields, type FieldValue, isFields, newFields } from '../field-value.ts'

/** SeverityNumber of the log data model. */
const severities: Readonly<Record<string, number>> = { debug: 5, info: 9, warn: 13, error: 17, critical: 21 }

/** Attributes of the resource, by the semantic conventions. */
const resourceNames: Readonly<Record<string, string>> = {
  service: 'service.name',
  environment: 'deployment.environment.name',
  host: 'host.name',
}

/** Attributes of the record. */
const attributeNames: Readonly<Record<string, string>> = {
  ip: 'client.address',
  statusCode: 'http.response.status_code',
  userId: 'user.id',
  sessionId: 'session.id',
  eventId: 'log.record.uid',
}

const errorNames: Readonly<Record<string, string>> = {
  type: 'exception.type',
  message: 'exception.message',
  stack: 'exception.stacktrace',
}

/**
 * A log document in the log data model of OpenTelemetry, with the names of its Elasticsearch exporter: resource, scope,
 * severity, body and attributes.
 */
export function otelDocument(log: Fields): Fields {
  const document = newFields()
  const resource = newFields()
  const attributes = newFields()
  const { timestamp, level, message, component, traceId, spanId, error, event, attributes: own, ...others } = log
  if (typeof timestamp === 'number') document['@timestamp'] = new Date(timestamp).toISOString()
  if (typeof level === 'string') {
    document.severity_text = level.toUpperCase()
    document.severity_number = severities[level] ?? 0
  }
  if (message !== undefined) document.body = Object.assign(newFields(), { text: message })
  if (traceId !== undefined) document.trace_id = traceId
  if (spanId !== undefined) document.span_id = spanId
  if (component !== undefined) document.scope = Object.assign(newFields(), { name: component })
  for (const name in others) {
    const value = others[name] as FieldValue
    const resourceName = resourceNames[name]
    if (resourceName === undefined) attributes[attributeNames[name] ?? name] = value
    else resource[resourceName] = value
  }
  if (isFields(own)) for (const name in own) attributes[name] ??= own[name] as FieldValue
  if (isFields(error))
    for (const name in error) attributes[errorNames[name] ?? `exception.${name}`] = error[name] as FieldValue
  if (isFields(event)) addEvent(attributes, event)
  else if (event !== undefined) attributes.event = event
  document.resource = Object.assign(newFields(), { attributes: resource })
  document.attributes = attributes
  return document
}

function addEvent(attributes: Fields, { original, ...event }: Fields): void {
  if (original !== undefined) attributes['log.record.original'] = original
  if (Object.keys(event).length > 0) attributes.event = event
}
