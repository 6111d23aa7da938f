import {
  type SigmaCorrelation,
  type SigmaHead,
  type SigmaLevel,
  type SigmaRule,
  type SigmaRules,
} from '../../detection/index.ts'
import { type FieldPath, fieldPath } from '../../pipelines/index.ts'
import { planOf, ruleMistakes } from '../rules/compile-rule.ts'
import type { Duration, RuleDefinition } from '../rules/definition.ts'
import type { RulePlan, WatchPlan } from '../rules/plan.ts'
import type { Severity } from '../severity.ts'

/** What a log that a rule fires for means to an alert rule. */
export interface SigmaUse {
  readonly plan: RulePlan
  /** Where the values of the group are in logs of the Sigma rule, in the order of the plan. */
  readonly groupBy: readonly FieldPath[]
  /** Whether a log without a value of the group counts all the same. */
  readonly isForAll: boolean
  /** What is measured; undefined: the log counts. */
  readonly field: FieldPath | undefined
  /** The steps of a sequence that it is; undefined: the plan is no sequence. */
  readonly steps: readonly number[] | undefined
}

/** Alert rules that Sigma rules are evaluated by. */
export interface SigmaPlans {
  readonly plans: readonly RulePlan[]
  readonly uses: ReadonlyMap<SigmaRule, readonly SigmaUse[]>
  readonly problems: readonly string[]
}

const severityOf: Readonly<Record<SigmaLevel, Severity>> = {
  informational: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
}
const usualGroupBy = ['service']
const usualWindow = '5m'
/** Members of `millrace` in a rule: options of alert rules. */
const ownOptions = ['groupBy', 'window', 'every', 'grace', 'keep', 'respond', 'labels'] as const

/**
 * Each Sigma rule becomes an alert rule that fires for one log, each correlation one over its window. Rules that serve a
 * correlation, and informational ones, raise no alert by themselves, as the specification says; correlations always do.
 */
export function sigmaPlans({ rules, correlations }: SigmaRules): SigmaPlans {
  const problems: string[] = []
  const plans: RulePlan[] = []
  const uses = new Map<SigmaRule, SigmaUse[]>()
  const alerting = [...rules.filter((rule) => isAlerting(rule, correlations)), ...correlations]
  const names = namesOf(alerting, problems)
  for (const [index, one] of alerting.entries()) {
    const definition = definitionOf(one, names[index] ?? '')
    const mistakes = [
      ...unknownOptions(one),
      ...ruleMistakes(definition).map(({ path, message }) => [path.join('.'), message]),
    ]
    if (mistakes.length > 0) {
      problems.push(
        ...mistakes.map(([place, message]) => `the Sigma rule ${one.title} cannot be used: ${place}: ${message}`),
      )
      continue
    }
    const plan = watched(planOf(definition), one)
    plans.push(plan)
    for (const [rule, use] of usesOf(plan, one)) {
      const known = uses.get(rule)
      if (known === undefined) uses.set(rule, [use])
      else known.push(use)
    }
  }
  return { plans, uses, problems }
}

function isAlerting(rule: SigmaRule, correlations: readonly SigmaCorrelation[]): boolean {
  if (rule.level === 'informational') return false
  const serves = correlations.filter(({ members }) => members.some((member) => member.rule === rule))
  return serves.length === 0 || serves.some(({ generate }) => generate)
}

/** `sigma-` and the title. Rules of the same title also have the beginning of their ids. */
function namesOf(heads: readonly SigmaHead[], problems: string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { title } of heads) counts.set(slugOf(title), (counts.get(slugOf(title)) ?? 0) + 1)
  const names = heads.map(({ title, id }) => {
    const slug = slugOf(title)
    return (counts.get(slug) ?? 0) > 1 ? `sigma-${slug}-${slugOf(id).slice(0, 8)}` : `sigma-${slug}`
  })
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue
    const { title, id } = heads[index] as SigmaHead
    problems.push(`the Sigma rule ${title} is there twice (${id}): remove one, or give it another id`)
  }
  return names
}

const slugLengthMax = 80

function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, slugLengthMax)
  return slug.replaceAll(/^-+|-+$/g, '') || 'rule'
}

function isCorrelation(one: SigmaRule | SigmaCorrelation): one is SigmaCorrelation {
  return 'members' in one
}

type OwnOptions = Partial<Pick<RuleDefinition, 'groupBy' | 'every' | 'grace' | 'keep' | 'respond' | 'labels'>> & {
  readonly window?: Duration
}

function ownOptionsOf({ document }: SigmaHead): OwnOptions {
  const { millrace } = document
  const given = Object.entries(typeof millrace === 'object' && millrace !== null ? millrace : {})
  return Object.fromEntries(given.filter(([name]) => isOwnOption(name)))
}

function isOwnOption(name: string): boolean {
  return (ownOptions as readonly string[]).includes(name)
}

function unknownOptions({ document: { millrace } }: SigmaHead): readonly (readonly [string, string])[] {
  return Object.keys(typeof millrace === 'object' && millrace !== null ? millrace : {})
    .filter((name) => !isOwnOption(name))
    .map((name) => [`millrace.${name}`, `is no option here: write one of ${ownOptions.join(', ')}`])
}

function definitionOf(one: SigmaRule | SigmaCorrelation, name: string): RuleDefinition {
  const { id, title, level, tags } = one
  const { labels, ...own } = ownOptionsOf(one)
  const common = {
    name,
    severity: severityOf[level],
    labels: { sigma: id, level, ...(tags.length > 0 && { tags: tags.join(' ') }), ...labels },
  }
  const shown = title.replaceAll('%{', '%(')
  if (!isCorrelation(one)) {
    const summary = `${shown}: %{found}`
    return { kind: 'threshold', groupBy: usualGroupBy, window: usualWindow, fire: '>= 1', summary, ...common, ...own }
  }
  const { groupBy, timespanMs, sign, limit } = one
  const times = { window: `${timespanMs}ms` as const, fire: `${sign} ${limit}` }
  const summary = `${shown}: %{value} within %{window}${groupBy.length === 0 ? '' : ', %{group}'}`
  const of = { summary, ...times, ...common, ...(groupBy.length > 0 && { groupBy }), ...own }
  const field = one.members[0]?.field ?? ''
  switch (one.type) {
    case 'value_count':
      return { kind: 'cardinality', field, ...of }
    case 'value_sum':
      return { kind: 'threshold', measure: `sum(${field})`, ...of }
    case 'value_avg':
      return { kind: 'threshold', measure: `avg(${field})`, ...of }
    case 'value_median':
      return { kind: 'threshold', measure: `p50(${field})`, ...of }
    case 'value_percentile':
      return { kind: 'threshold', measure: `p${one.percentile}(${field})` as 'p95(field)', ...of }
    default:
      return { kind: 'threshold', ...of }
  }
}

/** States of another watch cannot be read: the rules of a correlation are part of what a state is made for. */
function watched(plan: RulePlan, one: SigmaRule | SigmaCorrelation): RulePlan {
  const watch = watchOf(one)
  if (watch === undefined) return plan
  const rules = isCorrelation(one) ? [one.type, ...one.members.map(({ rule }) => rule.id)] : [one.id]
  return Object.freeze({ ...plan, watch, definition: { ...plan.definition, rules } as RuleDefinition })
}

function watchOf(one: SigmaRule | SigmaCorrelation): WatchPlan | undefined {
  if (!isCorrelation(one) || one.type === 'event_count') return { by: 'matches' }
  const counts = one.members.map(({ count }) => count)
  if (one.type === 'temporal') return { by: 'together', counts }
  return one.type === 'temporal_ordered' ? { by: 'sequence', counts } : undefined
}

function usesOf(plan: RulePlan, one: SigmaRule | SigmaCorrelation): readonly (readonly [SigmaRule, SigmaUse])[] {
  if (!isCorrelation(one))
    return [[one, { plan, groupBy: plan.read.groupBy, isForAll: true, field: undefined, steps: undefined }]]
  const isOfSteps = plan.watch.by === 'together' || plan.watch.by === 'sequence'
  return one.members.map(({ rule, groupBy, field }, step) => [
    rule,
    {
      plan,
      groupBy: groupBy.map(fieldPath),
      isForAll: false,
      field: field === undefined ? undefined : fieldPath(field),
      steps: isOfSteps ? [step] : undefined,
    },
  ])
}
