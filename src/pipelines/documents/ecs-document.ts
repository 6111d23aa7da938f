import { fieldPath, setFieldAt } from '../field-path.ts'
import { type Fields, type FieldValue, isFields, newFields } from '../field-value.ts'
import { mergeFields } from './merge-fields.ts'

/** The field of the Elastic Common Schema for each field of a log document. */
const places: Readonly<Record<string, string>> = {
  message: 'message',
  tags: 'tags',
  level: 'log.level',
  component: 'log.logger',
  service: 'service.name',
  environment: 'service.environment',
  host: 'host.name',
  hostname: 'host.hostname',
  ip: 'source.ip',
  statusCode: 'http.response.status_code',
  userId: 'user.id',
  eventId: 'event.id',
  traceId: 'trace.id',
  spanId: 'span.id',
  correlationId: 'http.request.id',
  sessionId: 'labels.session_id',
  dataClass: 'labels.data_class',
  priority: 'labels.priority',
  owner: 'labels.owner',
  tier: 'labels.tier',
  timeSource: 'labels.time_source',
}
const paths = new Map(Object.entries(places).map(([name, place]) => [name, fieldPath(place)]))

const version = '8.11.0'
/** Objects of the schema: what others write there as text goes to the labels. */
const objects: ReadonlySet<string> = new Set(
  'agent client cloud container destination ecs error event file host http kubernetes log network observer orchestrator process rule server service source span trace transaction url user user_agent'.split(
    ' ',
  ),
)
const durationPath = fieldPath('event.duration')
const geoPath = fieldPath('source.geo')
const systemPath = fieldPath('source.as')
const originalTimePath = fieldPath('event.start')
const nanosecondsPerMs = 1e6

/** A log document as the Elastic Common Schema 8 has it. Objects of the schema that the log itself had are kept. */
export function ecsDocument(log: Fields): Fields {
  const document = newFields()
  const { timestamp, durationMs, originalTimestamp, error, attributes, geo, as, ...others } = log
  if (typeof timestamp === 'number') document['@timestamp'] = new Date(timestamp).toISOString()
  document.ecs = Object.assign(newFields(), { version })
  if (isFields(attributes)) addOthers(document, attributes)
  for (const name in others) {
    const value = others[name] as FieldValue
    const path = paths.get(name)
    if (path !== undefined) setFieldAt(document, path, value)
    else addOthers(document, Object.assign(newFields(), { [name]: value }))
  }
  if (geo !== undefined) setFieldAt(document, geoPath, isFields(geo) ? withNames(geo, geoNames) : geo)
  if (as !== undefined) setFieldAt(document, systemPath, isFields(as) ? withNames(as, systemNames) : as)
  if (typeof durationMs === 'number') setFieldAt(document, durationPath, Math.round(durationMs * nanosecondsPerMs))
  if (typeof originalTimestamp === 'number') {
    setFieldAt(document, originalTimePath, new Date(originalTimestamp).toISOString())
  }
  if (isFields(error)) mergeFields(document, Object.assign(newFields(), { error: ecsError(error) }))
  return document
}

/** The step geoip writes fewer and shorter names than the schema has. */
const geoNames: Readonly<Record<string, string>> = { country: 'country_iso_code', city: 'city_name' }
const systemNames: Readonly<Record<string, string>> = { organization: 'organization.name' }

function withNames(fields: Fields, names: Readonly<Record<string, string>>): Fields {
  const named = newFields()
  for (const name in fields) setFieldAt(named, fieldPath(names[name] ?? name), fields[name] as FieldValue)
  return named
}

function ecsError({ stack, ...error }: Fields): Fields {
  return Object.assign(newFields(), error, stack === undefined ? {} : { stack_trace: stack })
}

function addOthers(document: Fields, others: Fields): void {
  for (const name in others) {
    const value = others[name] as FieldValue
    if (objects.has(name) && !isFields(value)) setFieldAt(document, fieldPath(`labels.${name}`), value)
    else mergeFields(document, Object.assign(newFields(), { [name]: value }))
  }
}
