import { PipelineMistake } from '../../pipelines/index.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { BurnRateRule, Duration, RuleDefinition } from './definition.ts'
import type { BurnPlan, RulePlan } from './plan.ts'

/** The times of a plan. */
export type PlanTimes = Pick<RulePlan, 'windowMs' | 'everyMs' | 'graceMs' | 'forMs' | 'keepMs' | 'forgetMs'>

const bucketsMax = 2000
const usualEvery = ['1s', '2s', '5s', '10s', '15s', '30s', '1m', '5m', '10m', '15m', '30m', '1h'].map(durationMs)

/** All options that are durations, in milliseconds. Throws a PipelineMistake for times that do not fit each other. */
export function timesOf(definition: RuleDefinition): PlanTimes {
  const windows = windowsOf(definition)
  const windowMs = Math.max(...windows)
  const everyMs = definition.every === undefined ? usualEveryOf(definition, windows) : durationMs(definition.every)
  const uneven = windows.find((oneMs) => everyMs === 0 || oneMs === 0 || oneMs % everyMs !== 0)
  if (uneven !== undefined) {
    throw new PipelineMistake(
      `every (${everyMs} ms) does not divide the window of ${uneven} ms: write one that does, such as every: 1m`,
      definition.every === undefined ? 'window' : 'every',
    )
  }
  if (windowMs / everyMs > bucketsMax) {
    const least = windowMs / bucketsMax
    throw new PipelineMistake(`every (${everyMs} ms) is too short for the window: give ${least} ms or more`, 'every')
  }
  const forMs = durationMs(definition.for ?? '0s')
  return {
    windowMs,
    everyMs,
    graceMs: durationMs(definition.grace ?? '30s'),
    forMs,
    keepMs: durationMs(definition.keep ?? '0s'),
    forgetMs: forgetMsOf(definition, { windowMs, everyMs, forMs }),
  }
}

/** A group that few logs make fire is not forgotten before it can fire. */
function forgetMsOf(
  definition: RuleDefinition,
  { windowMs, everyMs, forMs }: Pick<PlanTimes, 'windowMs' | 'everyMs' | 'forMs'>,
): number {
  const firesMs = firesForFew(definition) ? windowMs + forMs + everyMs : windowMs
  if (definition.forget === undefined) {
    const usualMs = durationMs(usualForgetOf(definition))
    return firesForFew(definition) ? firesMs + usualMs : Math.max(firesMs, usualMs)
  }
  const forgetMs = durationMs(definition.forget)
  if (forgetMs >= firesMs) return forgetMs
  const text =
    forgetMs < windowMs
      ? 'shorter than the window: make it longer'
      : `over before a group can fire: give ${firesMs} ms or more`
  throw new PipelineMistake(`forget (${definition.forget}) is ${text}`, 'forget')
}

function firesForFew(definition: RuleDefinition): boolean {
  if (definition.kind === 'absence') return true
  const { fire = '' } = definition as { readonly fire?: string | Readonly<Record<string, string>> }
  return [typeof fire === 'string' ? fire : Object.values(fire)].flat().some((limit) => limit.trim().startsWith('<'))
}

/** The pairs of windows, each with a short one. */
export function burnPlans({ windows }: BurnRateRule): readonly BurnPlan[] {
  return windows.map(({ long, short, factor, severity }) => {
    const longMs = durationMs(long)
    return Object.freeze({ longMs, shortMs: short === undefined ? longMs / 12 : durationMs(short), factor, severity })
  })
}

/** What a group has learned is kept as long as it is of use. */
function usualForgetOf(definition: RuleDefinition): Duration {
  switch (definition.kind) {
    case 'new-term':
    case 'anomaly':
      return definition.memory ?? '7d'
    case 'correlation':
      return '7d'
    default:
      return '1d'
  }
}

function windowsOf(definition: RuleDefinition): readonly number[] {
  if (definition.kind !== 'burn-rate') return [durationMs(definition.window)]
  return burnPlans(definition).flatMap(({ longMs, shortMs }) => [longMs, shortMs])
}

/** The longest that divides all windows and does not make the shortest one coarse. */
function usualEveryOf({ kind }: RuleDefinition, windows: readonly number[]): number {
  const shortest = Math.min(...windows)
  if (kind === 'anomaly') return shortest
  const longest = shortest / (kind === 'burn-rate' ? 5 : 20)
  const fits = usualEvery.filter((everyMs) => everyMs <= longest && windows.every((oneMs) => oneMs % everyMs === 0))
  return fits.at(-1) ?? shortest
}
