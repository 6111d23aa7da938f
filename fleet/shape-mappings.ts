import type { DocumentShape } from '../src/pipelines/index.ts'
import { customFields, logMappings, unmappedField } from '../schemas/log-mappings.ts'

/** `mappings` of an index. */
export interface Mappings {
  readonly properties: Readonly<Record<string, object>>
  readonly [option: string]: unknown
}

const keyword = { type: 'keyword', ignore_above: 1024 } as const
const fullText = { type: 'text' } as const
const time = { type: 'date', ignore_malformed: true } as const
const long = { type: 'long', ignore_malformed: true } as const
const address = { type: 'ip', ignore_malformed: true } as const
const kept = { type: 'keyword', index: false, doc_values: false } as const

function object(properties: Readonly<Record<string, object>>): object {
  return { properties }
}

function shape(properties: Readonly<Record<string, object>>): Mappings {
  return Object.freeze({
    dynamic: true,
    date_detection: false,
    dynamic_templates: customFields,
    properties: { ...properties, [unmappedField]: { type: 'object', enabled: false } },
  })
}

/** The fields of the Elastic Common Schema 8 that documents have. */
const ecsMappings = shape({
  '@timestamp': time,
  message: fullText,
  tags: keyword,
  ecs: object({ version: keyword }),
  log: object({ level: keyword, logger: keyword }),
  service: object({ name: keyword, environment: keyword }),
  host: object({ name: keyword, hostname: keyword }),
  source: object({ ip: address, geo: object({ country: keyword, city: keyword }) }),
  http: object({ request: object({ id: keyword }), response: object({ status_code: long }) }),
  event: object({ id: keyword, duration: long, start: time, original: kept }),
  trace: object({ id: keyword }),
  span: object({ id: keyword }),
  user: object({ id: keyword }),
  error: object({ type: keyword, message: fullText, stack_trace: kept }),
})

/** The log data model of OpenTelemetry. */
const otelMappings = shape({
  '@timestamp': time,
  severity_text: keyword,
  severity_number: long,
  body: object({ text: fullText }),
  trace_id: keyword,
  span_id: keyword,
  scope: object({ name: keyword }),
  resource: object({
    attributes: object({
      service: object({ name: keyword }),
      host: object({ name: keyword }),
      deployment: object({ environment: object({ name: keyword }) }),
    }),
  }),
  attributes: object({
    client: object({ address: keyword }),
    http: object({ response: object({ status_code: long }) }),
    exception: object({ type: keyword, message: fullText, stacktrace: kept }),
    log: object({ record: object({ original: kept, uid: keyword }) }),
    tags: keyword,
  }),
})

/** How the documents of each shape are indexed. */
export const shapeMappings: Readonly<Record<DocumentShape, Mappings>> = Object.freeze({
  fleet: logMappings,
  ecs: ecsMappings,
  otel: otelMappings,
})
