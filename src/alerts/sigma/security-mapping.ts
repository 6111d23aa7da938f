import type { SigmaOptions, SigmaSource } from '../../detection/index.ts'
import { type Condition, compileCondition } from '../../pipelines/conditions/condition.ts'
import { schemaCheck } from '../../pipelines/load/schema-mistakes.ts'
import { mistakesText, YamlFile } from '../../pipelines/load/yaml-file.ts'
import { at, each, mistakesOf } from '../../pipelines/mistake.ts'

/** Logs that are of a source. */
export interface MappedSource {
  readonly source: SigmaSource
  /** Undefined: all logs are. */
  readonly where: Condition | undefined
}

/** What rules call the fleet's logs and their fields. */
export interface SecurityMapping {
  readonly options: SigmaOptions
  /** A log may be of several. */
  readonly sources: readonly MappedSource[]
}

const text = { type: 'string', minLength: 1 } as const
const sourcesMax = 30

const form = schemaCheck({
  type: 'object',
  additionalProperties: false,
  properties: {
    fields: { type: 'object', additionalProperties: text },
    placeholders: { type: 'object', additionalProperties: { type: 'array', minItems: 1, items: { type: 'string' } } },
    logsources: {
      type: 'array',
      maxItems: sourcesMax,
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { category: text, product: text, service: text, where: text },
      },
    },
  },
})

interface MappingFile {
  readonly fields?: SigmaOptions['fields']
  readonly placeholders?: SigmaOptions['placeholders']
  readonly logsources?: readonly (SigmaSource & { readonly where?: string })[]
}

/** The mapping of a YAML file, or all of its mistakes. */
export function securityMapping(written: string, file: string): SecurityMapping | { readonly problems: string } {
  const read = new YamlFile(written)
  if (read.unreadable.length > 0) return { problems: mistakesText(file, read.unreadable) }
  const value = (read.value ?? {}) as MappingFile
  const ofForm = form(value)
  const mistakes = ofForm.length > 0 ? ofForm : mistakesOf(() => sourcesOf(value))
  if (mistakes.length > 0) return { problems: mistakesText(file, read.located(mistakes)) }
  const { fields = {}, placeholders = {} } = value
  return { options: { fields, placeholders }, sources: sourcesOf(value) }
}

function sourcesOf({ logsources = [] }: MappingFile): readonly MappedSource[] {
  return each(logsources, ({ where, ...source }, index) =>
    at(['logsources', index, 'where'], () => ({
      source,
      where: where === undefined ? undefined : compileCondition(where),
    })),
  )
}
