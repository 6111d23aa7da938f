import { logFields } from './log-fields.ts'

const mapped = Object.entries(logFields).flatMap(([name, field]) => ('mapping' in field ? [[name, field.mapping]] : []))

/** Elasticsearch mapping of an enriched log: fields that are searched are typed, everything else is kept but not indexed. */
export const logMappings = Object.freeze({
  dynamic: false,
  properties: Object.fromEntries(mapped) as Readonly<Record<string, object>>,
})
