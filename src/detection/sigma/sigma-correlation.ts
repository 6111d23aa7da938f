import { SigmaMistake } from './sigma-mistake.ts'
import { headOf, isRecord, type SigmaHead, type SigmaRule } from './sigma-rule.ts'

/** What a correlation looks at. */
export const sigmaCorrelationTypes = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_median',
  'value_percentile',
  'temporal',
  'temporal_ordered',
] as const
/** One of the types of the Sigma correlation specification. */
export type SigmaCorrelationType = (typeof sigmaCorrelationTypes)[number]

/** A rule of a correlation. */
export interface SigmaMember {
  /** Whose events count. */
  readonly rule: SigmaRule
  /** The fields of its events that are grouped by, in the order of `groupBy`. */
  readonly groupBy: readonly string[]
  /** The field of its events whose value counts; undefined: the events count. */
  readonly field: string | undefined
  /** How many of its events make a step of `temporal` and `temporal_ordered`. */
  readonly count: number
}

/** A correlation whose rules are known. */
export interface SigmaCorrelation extends SigmaHead {
  /** What is looked at. */
  readonly type: SigmaCorrelationType
  /** The rules, in their order. */
  readonly members: readonly SigmaMember[]
  /** Names of what is grouped by: aliases, or fields. */
  readonly groupBy: readonly string[]
  /** Events so far apart count together, in milliseconds. */
  readonly timespanMs: number
  /** How the result is compared. */
  readonly sign: '<' | '<=' | '>' | '>='
  /** With what. */
  readonly limit: number
  /** The share of `value_percentile`, 1 to 99; 0 for other types. */
  readonly percentile: number
  /** Whether the rules also say something by themselves. */
  readonly generate: boolean
}

/** What a correlation may refer to. */
export interface KnownToCorrelations {
  readonly rules: readonly SigmaRule[]
  /** All correlations, as they were written. */
  readonly documents: readonly Readonly<Record<string, unknown>>[]
  /** What fields of rules are called in events. */
  readonly names: ReadonlyMap<string, string>
}

const signs = { gte: '>=', gt: '>', lte: '<=', lt: '<' } as const
const unitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  M: 30 * 86_400_000,
  y: 365 * 86_400_000,
}
const membersMax = 20

/** Whether a document is a correlation and no rule. */
export function isCorrelation(document: unknown): document is Readonly<Record<string, unknown>> {
  return isRecord(document) && document.correlation !== undefined
}

/** Compiles one correlation. Throws a SigmaMistake. */
export function sigmaCorrelation(
  document: Readonly<Record<string, unknown>>,
  file: string,
  known: KnownToCorrelations,
): SigmaCorrelation {
  const body = bodyOf(document)
  const { type, groupBy, timespanMs, condition } = body
  const references = isTemporal(type)
    ? body.rules.map((name) => stepOf(name, body, known))
    : body.rules.map((name) => ({ rule: ruleOf(name, known), count: 1 }))
  const members = references.map(({ rule, count }) => {
    const fieldOf = (name: string): string => eventField(name, rule, body.aliases, known)
    const { field } = condition
    return Object.freeze({
      rule,
      count,
      groupBy: groupBy.map(fieldOf),
      field: field === undefined ? undefined : fieldOf(field),
    })
  })
  return Object.freeze({
    ...headOf(document, file),
    type,
    members,
    groupBy,
    timespanMs,
    sign: condition.sign,
    limit: condition.limit ?? members.length,
    percentile: condition.percentile,
    generate: body.generate,
  })
}

interface Body {
  readonly type: SigmaCorrelationType
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly aliases: Readonly<Record<string, unknown>>
  readonly timespanMs: number
  readonly condition: ReturnType<typeof conditionOf>
  readonly generate: boolean
}

function bodyOf({ correlation }: Readonly<Record<string, unknown>>): Body {
  if (!isRecord(correlation)) throw new SigmaMistake('its correlation is no object')
  const { type, rules, timespan, aliases, generate } = correlation
  if (!(sigmaCorrelationTypes as readonly unknown[]).includes(type)) {
    throw new SigmaMistake(`the type '${String(type)}' is unknown: write one of ${sigmaCorrelationTypes.join(', ')}`)
  }
  const names = textsOf(rules, 'rules')
  if (names.length === 0) throw new SigmaMistake('it names no rules')
  if (names.length > membersMax)
    throw new SigmaMistake(`it names ${names.length} rules, at most ${membersMax} are possible`)
  return {
    type: type as SigmaCorrelationType,
    rules: names,
    groupBy: textsOf(correlation['group-by'], 'group-by'),
    aliases: isRecord(aliases) ? aliases : {},
    timespanMs: timespanOf(timespan),
    condition: conditionOf(type as SigmaCorrelationType, correlation.condition),
    generate: generate === true,
  }
}

function conditionOf(
  type: SigmaCorrelationType,
  condition: unknown,
): {
  readonly sign: SigmaCorrelation['sign']
  readonly limit: number | undefined
  readonly field: string | undefined
  readonly percentile: number
} {
  if (condition === undefined && isTemporal(type))
    return { sign: '>=', limit: undefined, field: undefined, percentile: 0 }
  if (!isRecord(condition)) throw new SigmaMistake('its condition is no object, such as { gte: 10 }')
  const [first, ...others] = Object.entries(condition).filter(([name]) => name !== 'field' && name !== 'percentile')
  const [name, limit] = first ?? []
  if (name === undefined || others.length > 0 || !Object.hasOwn(signs, name) || typeof limit !== 'number') {
    throw new SigmaMistake(`its condition needs one of ${Object.keys(signs).join(', ')} with a number`)
  }
  const needsField = type.startsWith('value_')
  const { field, percentile = 0 } = condition
  if (needsField && typeof field !== 'string') throw new SigmaMistake('its condition names no field')
  if (type === 'value_percentile' && !percentiles.includes(percentile))
    throw new SigmaMistake(`its percentile is none of ${percentiles.join(', ')}`)
  const sign = signs[name as keyof typeof signs]
  if (isTemporal(type) && !sign.startsWith('>'))
    throw new SigmaMistake('rules that do not occur are no sign: write gte')
  return { sign, limit, field: needsField ? (field as string) : undefined, percentile: percentile as number }
}

const percentiles: readonly unknown[] = [50, 90, 95, 99]

/** Types whose result is the number of rules that occurred. */
export function isTemporal(type: SigmaCorrelationType): boolean {
  return type === 'temporal' || type === 'temporal_ordered'
}

function timespanOf(timespan: unknown): number {
  const [, number, unit = ''] = /^(\d+)([smhdwMy])$/.exec(String(timespan)) ?? []
  const timespanMs = Number(number) * (unitsMs[unit] ?? Number.NaN)
  if (timespanMs >= 1000) return timespanMs
  throw new SigmaMistake(`the timespan '${String(timespan)}' cannot be read: write a number and a unit, such as 10m`)
}

function textsOf(value: unknown, member: string): readonly string[] {
  const values: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value]
  if (values.every((one) => typeof one === 'string')) return values
  throw new SigmaMistake(`its ${member} has a value that is no text`)
}

function ruleOf(name: string, { rules, documents }: KnownToCorrelations): SigmaRule {
  const found = rules.find((rule) => rule.name === name || rule.id === name)
  if (found !== undefined) return found
  if (documents.some((document) => isCalled(document, name))) {
    throw new SigmaMistake(
      `it names the correlation ${name}: only temporal and temporal_ordered may name one, of the type event_count`,
    )
  }
  throw new SigmaMistake(`it names ${name}, which is no rule here: load the rule too, or write its name or id`)
}

/** A rule, or a correlation that counts the events of one: so many of them are the step. */
function stepOf(
  name: string,
  { groupBy, timespanMs }: Body,
  known: KnownToCorrelations,
): { readonly rule: SigmaRule; readonly count: number } {
  const inner = known.documents.find((document) => isCalled(document, name))
  if (inner === undefined) return { rule: ruleOf(name, known), count: 1 }
  const body = bodyOf(inner)
  const [only, ...others] = body.rules
  const { sign, limit = 1 } = body.condition
  const isAlike = body.timespanMs === timespanMs && body.groupBy.join('\n') === groupBy.join('\n')
  if (body.type !== 'event_count' || only === undefined || others.length > 0 || !sign.startsWith('>') || !isAlike) {
    throw new SigmaMistake(
      `it names the correlation ${name}: that has to be an event_count of one rule with gte, and the same group-by and timespan`,
    )
  }
  return { rule: ruleOf(only, known), count: sign === '>' ? Math.floor(limit) + 1 : Math.ceil(limit) }
}

function isCalled({ name, id }: Readonly<Record<string, unknown>>, wanted: string): boolean {
  return name === wanted || id === wanted
}

/** What an alias, or a field of a rule, is called in the events of the rule. */
function eventField(
  name: string,
  rule: SigmaRule,
  aliases: Readonly<Record<string, unknown>>,
  { names }: KnownToCorrelations,
): string {
  const byRule = Object.hasOwn(aliases, name) ? aliases[name] : undefined
  if (byRule === undefined) return names.get(name) ?? name
  const field = isRecord(byRule) ? (byRule[rule.name] ?? byRule[rule.id]) : undefined
  if (typeof field !== 'string') throw new SigmaMistake(`the alias ${name} says nothing of the rule ${rule.name}`)
  return names.get(field) ?? field
}
