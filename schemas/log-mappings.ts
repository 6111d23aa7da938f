import { logFields } from './log-fields.ts'

const mapped = Object.entries(logFields).flatMap(([name, field]) => ('mapping' in field ? [[name, field.mapping]] : []))

/** Where fields stand that an index does not take: kept, and not searched. */
export const unmappedField = 'unmapped'

const keyword = { type: 'keyword', ignore_above: 1024 } as const

/** How fields become searchable that nobody here knows. A value that is no number is kept in a field of numbers. */
export const customFields = Object.freeze([
  { whole: { match_mapping_type: 'long', mapping: { type: 'long', ignore_malformed: true } } },
  { decimal: { match_mapping_type: 'double', mapping: { type: 'double', ignore_malformed: true } } },
  // Words stand where others write true and false.
  { flag: { match_mapping_type: 'boolean', mapping: keyword } },
  { text: { match_mapping_type: 'string', mapping: keyword } },
])

/** Elasticsearch mapping of an enriched log: the fields of a log are typed, all others can be searched as words or numbers. */
export const logMappings = Object.freeze({
  dynamic: true,
  date_detection: false,
  dynamic_templates: customFields,
  properties: {
    ...(Object.fromEntries(mapped) as Readonly<Record<string, object>>),
    event: { properties: { original: { type: 'keyword', index: false, doc_values: false } } },
    [unmappedField]: { type: 'object', enabled: false },
  },
})
