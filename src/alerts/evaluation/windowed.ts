import type { RulePlan } from '../rules/plan.ts'
import { countOf, windowOf } from './buckets.ts'
import { createMeasure } from './create-measure.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged, noData, type Reading } from './reading.ts'

/** A measure over the window, against limits. */
export function windowed(plan: RulePlan, { measure, scale }: Extract<RulePlan['watch'], { by: 'window' }>): Evaluation {
  const { add, value: valueOf } = createMeasure(measure)
  const read = ({ buckets, sinceMs }: EvaluationState, pointMs: number): Reading => {
    const window = windowOf(buckets, pointMs, plan.windowMs)
    const value = valueOf(window)
    if (value === undefined) return noData
    // Too few logs are no sign before there was time for them to come.
    const isWhole = plan.firesAbove || sinceMs <= pointMs + plan.everyMs - plan.windowMs
    return judged(plan, value * scale, isWhole && countOf(window) >= plan.minimum)
  }
  // What comes can only take a rule to its limit, or away from one that it would fall below.
  return plan.firesAbove ? { add, close: read, peek: read } : { add, close: read }
}
