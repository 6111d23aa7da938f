import { errorMessage, MillraceError } from '../core/errors.ts'
import { nearestOf } from '../core/unknown-names.ts'
import { compileCondition } from '../pipelines/conditions/condition.ts'
import { levelOf } from '../pipelines/levels/level.ts'
import type { TailLine } from './tail-line.ts'

/** Which lines a viewer wants. A member that is undefined or empty does not matter; all others have to hold. */
export interface TailFilterDefinition {
  /** Any of these levels: `debug`, `info`, `warn`, `error`, `critical`, or what loggers write for them. */
  readonly levels?: readonly string[] | undefined
  readonly components?: readonly string[] | undefined
  readonly services?: readonly string[] | undefined
  readonly correlationIds?: readonly string[] | undefined
  readonly sessions?: readonly string[] | undefined
  readonly users?: readonly string[] | undefined
  /** A part of the log as JSON. */
  readonly text?: string | undefined
  /** A condition, as `when:` of pipelines has it. */
  readonly when?: string | undefined
  /** Logs of this time and later, in milliseconds since the epoch. */
  readonly sinceMs?: number | undefined
  /** Logs before this time, in milliseconds since the epoch. */
  readonly untilMs?: number | undefined
}

type ListName = 'levels' | 'components' | 'services' | 'correlationIds' | 'sessions' | 'users'
export type ListedField = 'level' | 'component' | 'service' | 'correlationId' | 'sessionId' | 'userId'

/** By how few lines a value has, as a rule: the first list of a filter is the one that lines are looked up by. */
export const filterLists: readonly (readonly [ListName, ListedField])[] = Object.freeze([
  ['correlationIds', 'correlationId'],
  ['sessions', 'sessionId'],
  ['users', 'userId'],
  ['components', 'component'],
  ['services', 'service'],
  ['levels', 'level'],
])

export const listedFields: readonly ListedField[] = Object.freeze(filterLists.map(([, field]) => field))

const valuesMax = 100
const textLengthMax = 4096
type Test = (line: TailLine) => boolean

/** A compiled filter. */
export interface TailFilter {
  /** Equal filters have equal texts. */
  readonly text: string
  /** Only lines with one of these values in this field can match; undefined: any line can. */
  readonly lookup: { readonly field: ListedField; readonly values: ReadonlySet<string> } | undefined
  readonly definition: TailFilterDefinition
  /** Takes time linear in the line, and never throws. */
  matches(line: TailLine): boolean
}

/** The value of a field that filters list; levels as the five that there are. */
export function listedValue(line: TailLine, field: ListedField): string | undefined {
  const value = line[field]
  return field === 'level' && value !== undefined ? (levelOf(value) ?? value) : value
}

/** Compiles a filter once. Throws LIVE_TAIL_FILTER, which names the member and the fix. */
export function compileFilter(given: TailFilterDefinition): TailFilter {
  const definition = normalized(given)
  const tests: Test[] = []
  let lookup: TailFilter['lookup']
  for (const [name, field] of filterLists) {
    const wanted = definition[name]
    if (wanted === undefined) continue
    const values = new Set(wanted)
    if (lookup === undefined) lookup = { field, values }
    tests.push((line) => values.has(listedValue(line, field) ?? ''))
  }
  const { text, when, sinceMs, untilMs } = definition
  if (sinceMs !== undefined) tests.push((line) => line.timeMs >= sinceMs)
  if (untilMs !== undefined) tests.push((line) => line.timeMs < untilMs)
  if (text !== undefined) tests.push(holds(text))
  if (when !== undefined) tests.push(conditionOf(when))
  return Object.freeze({
    text: JSON.stringify(definition),
    lookup,
    definition,
    matches: (line: TailLine) => tests.every((test) => test(line)),
  })
}

/** Without members that do not matter, always in the same order. */
function normalized(given: TailFilterDefinition): TailFilterDefinition {
  const kept = filterLists.flatMap(([name]): [ListName, readonly string[]][] => {
    const named = name === 'levels' ? given[name]?.map(levelNamed) : given[name]
    const values = [...new Set(named)].sort()
    if (values.length > valuesMax) throw refused(`${name} has ${values.length} values: give at most ${valuesMax}`)
    return values.length === 0 ? [] : [[name, values]]
  })
  const { text, when, sinceMs, untilMs } = given
  for (const [name, value] of Object.entries({ text, when }))
    if ((value?.length ?? 0) > textLengthMax)
      throw refused(`${name} has ${value?.length} characters: give at most ${textLengthMax}`)
  return Object.freeze({
    ...Object.fromEntries(kept),
    ...(text !== undefined && text !== '' && { text }),
    ...(when !== undefined && when !== '' && { when }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(untilMs !== undefined && { untilMs }),
  })
}

/** As it is written in the JSON of the log, or as a person reads it there. */
function holds(text: string): Test {
  const escaped = JSON.stringify(text).slice(1, -1)
  if (escaped === text) return ({ json }) => json.includes(text)
  return ({ json }) => json.includes(text) || json.includes(escaped)
}

function levelNamed(word: string): string {
  const level = levelOf(word)
  if (level === undefined) throw refused(`levels has '${word}': give debug, info, warn, error or critical`)
  return level
}

function conditionOf(text: string): Test {
  try {
    return compileCondition(text)
  } catch (error) {
    throw refused(`when cannot be read: ${errorMessage(error)}`)
  }
}

const parameterNames: readonly string[] = [...filterLists.map(([name]) => name), 'text', 'when', 'since', 'until']

/**
 * Reads the filter of a request. Throws LIVE_TAIL_FILTER, also for a parameter that is neither of the filter nor one of the
 * others: it would be ignored.
 */
export function filterOfParameters(parameters: URLSearchParams, others: readonly string[]): TailFilterDefinition {
  const known = [...parameterNames, ...others]
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue
    const nearest = nearestOf(name, known)
    throw refused(
      `${name} is no parameter: ${nearest === undefined ? `give ${known.join(', ')}` : `did you mean ${nearest}?`}`,
    )
  }
  const listed = filterLists.map(([name]) => [
    name,
    parameters.getAll(name).flatMap((values) => values.split(',').filter((value) => value !== '')),
  ])
  return {
    ...Object.fromEntries(listed),
    text: parameters.get('text') ?? undefined,
    when: parameters.get('when') ?? undefined,
    sinceMs: timeParameter(parameters, 'since'),
    untilMs: timeParameter(parameters, 'until'),
  }
}

/** Milliseconds since the epoch of an ISO 8601 time, or of such a number. Throws LIVE_TAIL_FILTER. */
export function timeParameter(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name)
  if (text === null || text === '') return undefined
  const timeMs = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) throw refused(`${name} is '${text}': give an ISO 8601 time, or milliseconds since 1970`)
  return timeMs
}

function refused(sentence: string): MillraceError {
  return new MillraceError('LIVE_TAIL_FILTER', 'fatal', sentence)
}
