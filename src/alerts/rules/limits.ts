import { PipelineMistake } from '../../pipelines/index.ts'
import { at, together } from '../../pipelines/mistake.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import { type Severity, severities } from '../severity.ts'
import { type Comparison, comparisonOf, excludeEachOther, isAbove, meets, oppositeOf } from './comparison.ts'
import type { BurnRateRule, RuleDefinition } from './definition.ts'
import type { FirePlan, RulePlan } from './plan.ts'

const usualSeverity: Severity = 'medium'

/** When the rule fires, with which severity, and when it is over. Throws PipelineMistakes for limits that contradict each other. */
export function limitsOf(definition: RuleDefinition): Pick<RulePlan, 'fire' | 'firesAbove' | 'clear' | 'severity'> {
  const { kind } = definition
  if (kind === 'burn-rate') {
    together(...burnChecks(definition))
    const named = new Set(definition.windows.map(({ severity }) => severity))
    return {
      fire: [],
      firesAbove: true,
      clear: { sign: '<', limit: 1 },
      severity: severities.find((one) => named.has(one)) ?? usualSeverity,
    }
  }
  const { fire, clear } = { clear: undefined, ...textsOf(definition) }
  const [fires, clears] = together(
    () => at(['fire'], () => firesOf(fire, definition.severity)),
    () => at(['clear'], () => (clear === undefined ? undefined : comparisonOf(clear))),
  )
  const [first] = fires
  if (fires.some(({ limit }) => isAbove(limit) !== isAbove(first.limit))) {
    throw new PipelineMistake('the limits of the severities look in opposite directions: use > or < for all', 'fire')
  }
  const never = kind === 'ratio' || kind === 'anomaly' ? fires.find(({ limit }) => isBeyondShares(limit)) : undefined
  if (never !== undefined) {
    const text = `${never.limit.sign} ${never.limit.limit} is never met, ${kind === 'ratio' ? 'shares' : 'scores'} are 0 to 1`
    throw new PipelineMistake(`${text}: write a percentage, such as '> 20 %'`, 'fire')
  }
  if (kind === 'anomaly' && fires.some(({ limit }) => !isAbove(limit) || limit.limit < 0 || limit.limit >= 1)) {
    throw new PipelineMistake("a score fires from a limit on, 0 to below 1: write one such as '>= 0.6'", 'fire')
  }
  const mildest = fires.at(-1) ?? first
  const least = mildest.limit
  const early = fires.find(({ limit }) => !meets(least, limit.limit) && limit.limit !== least.limit)
  if (early !== undefined) {
    throw new PipelineMistake(
      `a lower severity needs more than ${early.severity}: order the limits by severity`,
      'fire',
    )
  }
  if (clears !== undefined && !excludeEachOther(least, clears)) {
    const fix = `write one that no value meets together with fire, such as ${isAbove(least) ? '<' : '>'} ${least.limit}`
    throw new PipelineMistake(`a value can meet both fire and clear: ${fix}`, 'clear')
  }
  return { fire: fires, firesAbove: isAbove(least), clear: clears ?? oppositeOf(least), severity: mildest.severity }
}

function isBeyondShares({ sign, limit }: Comparison): boolean {
  switch (sign) {
    case '>':
      return limit >= 1
    case '>=':
      return limit > 1
    case '<':
      return limit <= 0
    case '<=':
      return limit < 0
  }
}

/** What makes a pair of windows never burn, or always. */
function burnChecks({ objective, windows }: BurnRateRule): readonly (() => void)[] {
  if (objective === 1) {
    throw new PipelineMistake('an objective of 1 leaves no budget to spend: give less, such as 0.999', 'objective')
  }
  // A share of 1 divided by the budget, as a person would write it.
  const most = Number((1 / (1 - objective)).toPrecision(6))
  return windows.flatMap(({ long, short, factor }, index) => [
    () => {
      if (factor <= most) return
      const text = `${factor} is never met: all logs that are bad spend ${most} times the budget`
      throw new PipelineMistake(`${text}, give less`, 'windows', index, 'factor')
    },
    () => {
      if (short === undefined || durationMs(short) <= durationMs(long)) return
      throw new PipelineMistake(`short (${short}) is longer than long (${long}): swap them`, 'windows', index, 'short')
    },
  ])
}

interface LimitTexts {
  readonly fire: string | Readonly<Partial<Record<Severity, string>>>
  readonly clear?: string | undefined
}

function textsOf(definition: Exclude<RuleDefinition, { readonly kind: 'burn-rate' }>): LimitTexts {
  switch (definition.kind) {
    case 'absence':
      return { fire: `< ${definition.minimum ?? 1}` }
    case 'new-term':
      return { fire: '> 0' }
    case 'sequence':
      return { fire: `>= ${definition.steps.length}` }
    case 'correlation':
      return { fire: `>= ${definition.rules.length}` }
    case 'anomaly':
      return {
        fire: definition.fire ?? '>= 0.6',
        clear: definition.clear ?? (definition.fire === undefined ? '< 0.4' : undefined),
      }
    default:
      return definition
  }
}

function firesOf(fire: LimitTexts['fire'], severity: Severity | undefined): readonly [FirePlan, ...FirePlan[]] {
  if (typeof fire === 'string') return Object.freeze([firePlan(severity ?? usualSeverity, comparisonOf(fire))] as const)
  if (severity !== undefined) throw new PipelineMistake('it names severities by itself: remove severity')
  const worstFirst = severities.toReversed().filter((one) => fire[one] !== undefined)
  return Object.freeze(
    worstFirst.map((one) => firePlan(one, comparisonOf(fire[one] as string))),
  ) as unknown as readonly [FirePlan, ...FirePlan[]]
}

function firePlan(severity: Severity, limit: Comparison): FirePlan {
  return Object.freeze({ severity, limit })
}
