import { parseAllDocuments } from 'yaml'
import { errorMessage, MillraceError } from '../../core/errors.ts'
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
  /** What the rule finds, in a line. */
  readonly title: string
  /** Default: medium. */
  readonly level: SigmaLevel
  /** Where its events come from. */
  readonly source: SigmaSource
  /** Such as `attack.t1110`. */
  readonly tags: readonly string[]
  /** Whether the rule fires for an event with these fields. Takes no notice of the source. */
  matches(fields: Readonly<Record<string, unknown>>): boolean
}

/** A rule that sees events whose fields were read already. */
export interface CompiledRule extends SigmaRule {
  readonly test: SigmaTest
}

const levels: readonly unknown[] = ['informational', 'low', 'medium', 'high', 'critical']
/** Members of a detection that are no selections. */
const notSelections = new Set(['condition', 'timeframe'])

/** Compiles the rules of a file in YAML, of which each document is one. Throws INVALID_SETTINGS with the name and what is wrong. */
export function compileSigma(text: string, name: string, options: SigmaOptions): readonly CompiledRule[] {
  const refuse = (problem: string): never => {
    throw new MillraceError('INVALID_SETTINGS', 'fatal', `the Sigma rule ${name} cannot be used: ${problem}`)
  }
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors
    if (error !== undefined) return refuse(errorMessage(error))
    try {
      return compileRule(document.toJS() as unknown, name, options)
    } catch (thrown) {
      if (thrown instanceof SigmaMistake) return refuse(thrown.message)
      throw thrown
    }
  })
}

function compileRule(rule: unknown, name: string, { fields = {}, placeholders = {} }: SigmaOptions): CompiledRule {
  if (!isRecord(rule)) throw new SigmaMistake('it is no object')
  const { title, id, level, logsource, tags, detection } = rule
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
  const shownTitle = typeof title === 'string' ? title : name
  return Object.freeze({
    id: typeof id === 'string' ? id : shownTitle,
    title: shownTitle,
    level: levels.includes(level) ? (level as SigmaLevel) : 'medium',
    source: sourceOf(logsource),
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [],
    test,
    matches: (event: Readonly<Record<string, unknown>>) => test.passes(new SigmaEvent(event, names)),
  })
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
