import { logFields } from '../schemas/log-fields.ts'
import { unmappedField } from '../schemas/log-mappings.ts'
import type { Logger } from '../src/index.ts'
import { type Fields, fieldsText, isFields, newFields, parseJson } from '../src/pipelines/index.ts'
import type { RefusedDocument } from '../src/sinks/index.ts'

const tag = '_unmapped'
/** More warnings than anybody reads. */
const warningsMax = 1000

/**
 * Gives a log that an index refuses another form that it takes: fields that nobody here knows are kept in one object that
 * is not indexed. They are at fault where an index has another type for one of them, or no room for more. One warning for
 * each field and index.
 */
export function refusedLogs(logger: Logger): (refused: RefusedDocument) => string | undefined {
  const warned = new Set<string>()
  return ({ document, index, reason }) => {
    const [log] = parseJson(document)?.values ?? []
    if (!isFields(log)) return undefined
    const field = fieldIn(reason)
    const key = `${index} ${field ?? reason}`
    if (!warned.has(key) && warned.size < warningsMax) {
      warned.add(key)
      const told = { index, ...(field === undefined ? {} : { field }), reason }
      logger.warn(told, 'an index refused a field: logs that have it keep their own fields unindexed')
    }
    return fieldsText(withUnmapped(log))
  }
}

const named = /(?:field|object mapping for|mapping for) \[([^\]]{1,200})\]/

/** The field that the server names. */
function fieldIn(reason: string): string | undefined {
  return named.exec(reason)?.[1]
}

/** Fields of a log that are no objects stay where they are. */
function withUnmapped(log: Fields): Fields {
  const kept = newFields()
  const unmapped = newFields()
  for (const name of Object.keys(log)) {
    const value = log[name] as Fields[string]
    if (name === 'error' && isFields(value)) keepError(value, kept, unmapped)
    else if (Object.hasOwn(logFields, name) && !isFields(value)) kept[name] = value
    else unmapped[name] = value
  }
  kept.tags = Array.isArray(kept.tags) ? [...kept.tags, tag] : [tag]
  kept[unmappedField] = unmapped
  return kept
}

const errorTexts = ['type', 'message', 'stack'] as const

function keepError(error: Fields, kept: Fields, unmapped: Fields): void {
  const texts = newFields()
  for (const name of errorTexts) if (typeof error[name] === 'string') texts[name] = error[name]
  kept.error = texts
  unmapped.error = error
}
