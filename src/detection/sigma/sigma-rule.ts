import { conditionTest } from './condition.ts'
import type { Placeholders } from './field-test.ts'
import { selectionTest } from './selection.ts'
import { SigmaEvent } from './sigma-event.ts'
import { SigmaMistake } from './sigma-mistake.ts'
import { type SigmaTest, someOf } from './sigma-test.ts'

/** How bad it is that a rule fires. */
export type SigmaLevel = 'informational' | 'low' | 'medium' | 'high' | 'critical'

/** Where the events of a rule come from; a member that is missing means any. */
export interface SigmaSource {
  /** Such as `webserver` or `process_creation`. */
  readonly category?: string
  /** Such as `linux` or `aws`. */
  readonly product?: string
  /** Such as `sshd` or `cloudtrail`. */
  readonly service?: string
}

/** Options of rules. */
export interface SigmaOptions {
  /** What fields of rules are called in events, by their names in rules. Default: as in rules. */
  readonly fields?: Readonly<Record<string, string>>
  /** Values for `%names%` in rules with the modifier `expand`. Default: none, and such rules are refused. */
  readonly placeholders?: Placeholders
}

/** A Sigma rule, compiled. */
export interface SigmaRule {
  /** A UUID; the title where the rule has none. */
  readonly id: string
  /** What correlations call it; its id where it has none. */
  readonly name: string
  /** What the rule finds, in a line. */
  readonly title: string
  /** Default: medium. */
  readonly level: SigmaLevel
  /** Where its events come from. */
  readonly source: SigmaSource
  /** Such as `attack.t1110`. */
  readonly tags: readonly string[]
  /** As it was written, with the members that are no part of Sigma. */
  readonly document: Readonly<Record<string, unknown>>
  /** Whether the rule fires for an event with these fields. Takes no notice of the source. */
  matches(fields: Readonly<Record<string, unknown>>): boolean
  /** What of an event that it fires for matched: its selections without filters, with fields and values, in 300 characters at most. */
  explain(fields: Readonly<Record<string, unknown>>): string
}

/** A rule that sees events whose fields were read already. */
export interface CompiledRule extends SigmaRule {
  readonly test: SigmaTest
}

const levels: readonly unknown[] = ['informational', 'low', 'medium', 'high', 'critical']
/** Members of a detection that are no selections. */
const notSelections = new Set(['condition', 'timeframe'])

/** Compiles one rule. Throws a SigmaMistake. */
export function compileRule(
  rule: unknown,
  file: string,
  { fields = {}, placeholders = {} }: SigmaOptions,
): CompiledRule {
  if (!isRecord(rule)) throw new SigmaMistake('it is no object')
  const { logsource, detection } = rule
  if (!isRecord(detection)) throw new SigmaMistake('it has no detection')
  const selections = Object.entries(detection).filter(([part]) => !notSelections.has(part))
  const tests = new Map(selections.map(([part, value]) => [part, selectionTest(part, value, placeholders)]))
  const conditions: readonly unknown[] = Array.isArray(detection.condition)
    ? detection.condition
    : [detection.condition]
  const test = someOf(
    conditions.map((condition) => {
      if (typeof condition !== 'string') throw new SigmaMistake('its detection has no condition')
      return conditionTest(condition, tests)
    }),
  )
  const names = new Map(Object.entries(fields))
  const shown = selections
    .filter(([part]) => !part.startsWith('filter'))
    .map(([part, value]) => ({ part, test: tests.get(part) as SigmaTest, fields: fieldsOf(value) }))
  return Object.freeze({
    ...headOf(rule, file),
    source: sourceOf(logsource),
    test,
    matches: (event: Readonly<Record<string, unknown>>) => test.passes(new SigmaEvent(event, names)),
    explain: (event: Readonly<Record<string, unknown>>) => explained(new SigmaEvent(event, names), shown),
  })
}

/** What rules and correlations begin with. */
export type SigmaHead = Pick<SigmaRule, 'id' | 'name' | 'title' | 'level' | 'tags' | 'document'>

/** The members that say what a rule is called. The title of one without a title is that of its file. */
export function headOf(document: Readonly<Record<string, unknown>>, file: string): SigmaHead {
  const { title, id, name, level, tags } = document
  const shownTitle = typeof title === 'string' ? title : file
  const shownId = typeof id === 'string' ? id : shownTitle
  return {
    id: shownId,
    name: typeof name === 'string' ? name : shownId,
    title: shownTitle,
    level: levels.includes(level) ? (level as SigmaLevel) : 'medium',
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [],
    document,
  }
}

interface ShownSelection {
  readonly part: string
  readonly test: SigmaTest
  readonly fields: readonly string[]
}

const shownValueLengthMax = 100
const explanationLengthMax = 300

function explained(event: SigmaEvent, selections: readonly ShownSelection[]): string {
  const parts = selections
    .filter(({ test }) => test.passes(event))
    .map(({ part, fields }) => {
      const values = fields.flatMap((field) => {
        const [text] = event.texts(field)
        return text === undefined ? [] : [`${field} '${text.slice(0, shownValueLengthMax)}'`]
      })
      return values.length === 0 ? part : `${part} (${values.join(', ')})`
    })
  return parts.join(', ').slice(0, explanationLengthMax)
}

/** The fields that a selection names, each once. */
function fieldsOf(selection: unknown): readonly string[] {
  if (Array.isArray(selection)) return [...new Set(selection.flatMap((one: unknown) => fieldsOf(one)))]
  if (!isRecord(selection)) return []
  const names = Object.keys(selection).map((key) => key.split('|')[0] ?? '')
  return [...new Set(names)].filter((field) => field !== '')
}

function sourceOf(logsource: unknown): SigmaSource {
  if (!isRecord(logsource)) return {}
  const { category, product, service } = logsource
  return {
    ...(typeof category === 'string' && { category }),
    ...(typeof product === 'string' && { product }),
    ...(typeof service === 'string' && { service }),
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
