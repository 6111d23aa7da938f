import { type FieldPath, fieldPath, PipelineMistake } from '../../pipelines/index.ts'
import { type Condition, compileCondition } from '../../pipelines/conditions/condition.ts'
import { schemaCheck } from '../../pipelines/load/schema-mistakes.ts'
import { at, each, mistakesOf } from '../../pipelines/mistake.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { Measure, RuleDefinition, RuleKind } from './definition.ts'
import { checkDetector, detectorOf } from './detector.ts'
import { checkExamples } from './example-bounds.ts'
import { limitsOf } from './limits.ts'
import type { MeasurePlan, ReadPlan, RulePlan, WatchPlan } from './plan.ts'
import { responsesOf } from './response.ts'
import { anyRuleSchema, ruleSchemas } from './rule-schema.ts'
import { burnPlans, type PlanTimes, timesOf } from './times.ts'
import { wordingOf } from './wording.ts'

const anyRule = schemaCheck(anyRuleSchema)
const ruleKinds = Object.keys(ruleSchemas) as readonly RuleKind[]
const byKind = new Map(Object.entries(ruleSchemas).map(([kind, schema]) => [kind, schemaCheck(schema)]))
/** Options that every kind has. */
const optionsOfAll = new Set(
  optionsOf('threshold').filter((option) => ruleKinds.every((kind) => optionsOf(kind).includes(option))),
)

function optionsOf(kind: RuleKind): readonly string[] {
  return Object.keys(ruleSchemas[kind].properties ?? {})
}

/** All mistakes of a definition: those of its form, and those of its conditions, times, limits and templates. */
export function ruleMistakes(definition: unknown): readonly PipelineMistake[] {
  const ofAnyRule = anyRule(definition)
  if (ofAnyRule.some(({ path: [option] }) => option !== 'name')) return ofAnyRule
  const rule = definition as RuleDefinition
  const ofForm = (byKind.get(rule.kind)?.(rule) ?? []).map((mistake) => optionOfOthers(rule.kind, mistake))
  if (ofForm.some(({ path }) => path.length === 0)) return ofForm
  const refused = new Set(ofForm.map(({ path: [option] }) => option))
  const isReadable = (options: readonly string[]) => !options.some((option) => refused.has(option))
  const ofParts = Object.values(parts)
    .filter(({ options }) => isReadable(options))
    .flatMap(({ make }) => mistakesOf(() => make(rule)))
  return [...ofForm, ...ofParts]
}

/** An option that other kinds have is no typing error: the sentence says which kinds, and what this one has. */
function optionOfOthers(kind: RuleKind, mistake: PipelineMistake): PipelineMistake {
  const [option, ...rest] = mistake.path
  if (typeof option !== 'string' || rest.length > 0 || optionsOf(kind).includes(option)) return mistake
  const others = ruleKinds.filter((one) => optionsOf(one).includes(option))
  if (others.length === 0) return mistake
  const own = optionsOf(kind).filter((one) => !optionsOfAll.has(one))
  const fix = `remove it, or write one of ${own.join(', ')}`
  return new PipelineMistake(`is an option of ${others.join(', ')}, not of ${kind}: ${fix}`, option)
}

/** A plan of a definition without mistakes. */
export function planOf(definition: RuleDefinition): RulePlan {
  const read = readOf(definition)
  const times = timesOf(definition)
  const limits = limitsOf(definition)
  const { minimum = 0, noData = 'hold' } = definition as { minimum?: number; noData?: RulePlan['noData'] }
  return Object.freeze({
    name: definition.name,
    definition,
    read,
    watch: watchOf(definition, times, limits),
    ...limits,
    minimum: definition.kind === 'absence' ? 0 : minimum,
    noData,
    ...times,
    ...wordingOf(definition, read.groupBy),
    labels: Object.freeze({ ...definition.labels }),
    respond: responsesOf(definition),
  })
}

/** What is looked at together, and the options that must have the right form for it. */
const parts: Readonly<
  Record<string, { readonly options: readonly string[]; readonly make: (rule: RuleDefinition) => unknown }>
> = {
  read: { options: ['where', 'bad', 'steps', 'field', 'measure', 'groupBy'], make: readOf },
  times: { options: ['window', 'windows', 'every', 'grace', 'for', 'keep', 'forget'], make: timesOf },
  limits: {
    options: ['fire', 'clear', 'severity', 'minimum', 'steps', 'rules', 'windows', 'objective'],
    make: limitsOf,
  },
  detector: {
    options: ['window', 'memory', 'falseAlarmEvery', 'timeZone'],
    make: (rule) => (rule.kind === 'anomaly' ? checkDetector(rule) : undefined),
  },
  examples: { options: ['examples', 'every', 'window', 'windows'], make: checkExamples },
  respond: { options: ['respond', 'groupBy'], make: responsesOf },
  wording: {
    options: ['summary', 'links', 'groupBy'],
    make: (rule) => wordingOf(rule, (rule.groupBy ?? []).map(fieldPath)),
  },
}

function readOf(definition: RuleDefinition): ReadPlan {
  const {
    where,
    bad,
    steps,
    field,
    measure,
    groupBy = [],
  } = definition as Readonly<{
    where?: string
    bad?: string
    steps?: readonly { readonly where: string }[]
    field?: string
    measure?: Measure
    groupBy?: readonly string[]
  }>
  if (bad !== undefined && measure !== undefined) {
    throw new PipelineMistake('measure and bad are two measures: remove one of them', 'measure')
  }
  if (new Set(groupBy).size < groupBy.length) throw new PipelineMistake('a field is there twice: remove it', 'groupBy')
  const measured = field ?? /\(([^()]+)\)/.exec(measure ?? '')?.[1]
  const [conditions, ofSteps, paths] = [
    each([['where', where] as const, ['bad', bad] as const], ([option, text]) => at([option], () => conditionOf(text))),
    each(steps ?? [], (step, index) => at(['steps', index, 'where'], () => compileCondition(step.where))),
    groupBy.map(fieldPath),
  ]
  return Object.freeze({
    where: conditions[0],
    bad: conditions[1],
    field: measured === undefined ? undefined : fieldPath(measured),
    steps: Object.freeze(ofSteps),
    groupBy: Object.freeze(paths satisfies readonly FieldPath[]),
    isOfLogins: measure === 'failedLogins',
  })
}

function conditionOf(text: string | undefined): Condition | undefined {
  return text === undefined ? undefined : compileCondition(text)
}

const share: MeasurePlan = Object.freeze({ of: 'share' })

function watchOf(
  definition: RuleDefinition,
  { everyMs, windowMs }: PlanTimes,
  { fire }: Pick<RulePlan, 'fire'>,
): WatchPlan {
  switch (definition.kind) {
    case 'threshold':
      return windowOf(measurePlan(definition.measure))
    case 'rate':
      return windowOf({ of: 'count' }, durationMs(definition.per ?? '1s') / windowMs)
    case 'ratio':
      return windowOf(share)
    case 'absence':
      return windowOf({ of: 'count' })
    case 'cardinality':
      return windowOf({ of: 'distinct' })
    case 'burn-rate':
      return Object.freeze({ by: 'burn-rate', budget: 1 - definition.objective, windows: burnPlans(definition) })
    case 'new-term': {
      const { learn = '1d', memory = '7d' } = definition
      return Object.freeze({ by: 'new-term', learnMs: durationMs(learn), memoryMs: durationMs(memory) })
    }
    case 'sequence':
      return Object.freeze({ by: 'sequence', counts: definition.steps.map(({ count = 1 }) => count) })
    case 'correlation':
      return Object.freeze({ by: 'correlation', rules: definition.rules })
    case 'anomaly': {
      const { measure, bad } = definition
      return Object.freeze({
        by: 'anomaly',
        measure: bad === undefined ? measurePlan(measure) : share,
        detector: detectorOf(definition, everyMs, fire.at(-1)?.limit.limit),
      })
    }
  }
}

function windowOf(measure: MeasurePlan, scale = 1): WatchPlan {
  return Object.freeze({ by: 'window', measure, scale })
}

function measurePlan(measure: Measure = 'count'): MeasurePlan {
  const name = measure.replace(/\(.*/, '')
  if (name.startsWith('p')) return { of: 'quantile', share: Number(name.slice(1)) / 100 }
  return { of: name as Exclude<MeasurePlan['of'], 'quantile'> }
}
