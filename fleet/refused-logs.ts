import type { Mappings } from './shape-mappings.ts'
import type { Logger } from '../src/index.ts'
import { type Fields, type FieldValue, isFields, newFields, parseJson } from '../src/pipelines/index.ts'
import type { RefusedDocument } from '../src/sinks/index.ts'
import { withUnmapped } from './unmapped-fields.ts'

/** More warnings than anybody reads. */
const warningsMax = 1000

/**
 * Gives a document that an index refuses another form that it takes: fields that its mappings do not name are kept in one
 * object that is not indexed. They are at fault where an index has another type for one of them, or no room for more. One
 * warning for each field and index.
 */
export function refusedLogs(mappings: Mappings, logger: Logger): (refused: RefusedDocument) => string | undefined {
  const warned = new Set<string>()
  return ({ document, index, reason }) => {
    const [log] = parseJson(document)?.values ?? []
    if (!isFields(log)) return undefined
    const field = fieldIn(reason)
    const key = `${index} ${field ?? reason}`
    if (!warned.has(key) && warned.size < warningsMax) {
      warned.add(key)
      const reported = { index, ...(field === undefined ? {} : { field }), reason }
      logger.warn(reported, 'an index refused a field: logs that have it keep their own fields unindexed')
    }
    const { kept, unmapped } = split(log, mappings.properties)
    return withUnmapped(kept, unmapped)
  }
}

const named = /(?:field|object mapping for|mapping for) \[([^\]]{1,200})\]/

/** The field that the server names. */
function fieldIn(reason: string): string | undefined {
  return named.exec(reason)?.[1]
}

type Properties = Readonly<Record<string, object>>

/** What the mappings name, in the form that they name it in, and all else. */
function split(fields: Fields, properties: Properties): { readonly kept: Fields; readonly unmapped: Fields } {
  const kept = newFields()
  const unmapped = newFields()
  for (const name in fields) {
    const value = fields[name] as FieldValue
    const mapping = Object.hasOwn(properties, name) ? properties[name] : undefined
    const inner = mapping === undefined ? undefined : (mapping as { readonly properties?: Properties }).properties
    if (inner !== undefined && isFields(value)) {
      const parts = split(value, inner)
      kept[name] = parts.kept
      if (Object.keys(parts.unmapped).length > 0) unmapped[name] = parts.unmapped
    } else if (mapping !== undefined && inner === undefined && isScalar(value)) kept[name] = value
    else unmapped[name] = value
  }
  return { kept, unmapped }
}

function isScalar(value: FieldValue): boolean {
  return Array.isArray(value) ? value.every((item: FieldValue) => isScalar(item)) : !isFields(value)
}
