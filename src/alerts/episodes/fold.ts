import type { Reading } from '../evaluation/reading.ts'
import type { RulePlan } from '../rules/plan.ts'

/** What the readings so far mean, in the order of their points. It is JSON. */
export interface Fold {
  readonly phase: 'clear' | 'pending' | 'firing' | 'no-data'
  /** Since when the condition is met without a break; null: it is not. */
  readonly metMs: number | null
  /** Whether it was met for long enough. Stays until it is over, also through a gap without data. */
  readonly hasFired: boolean
  /** Since when the clear condition is met without a break; null: it is not. */
  readonly clearMs: number | null
}

/** The condition is not met. */
export const clear: Fold = Object.freeze({ phase: 'clear', metMs: null, hasFired: false, clearMs: null })

/** What the rule says about times and gaps. */
export type FoldPlan = Pick<RulePlan, 'forMs' | 'keepMs' | 'noData'>

/** What the reading of the next point makes of it. */
export function folded(plan: FoldPlan, fold: Fold, reading: Reading, pointMs: number): Fold {
  if (!reading.hasData && plan.noData === 'hold') return fold
  if (!reading.hasData && plan.noData === 'alert') return { ...fold, phase: 'no-data', clearMs: null }
  return fold.hasFired ? afterFiring(plan, fold, reading, pointMs) : beforeFiring(plan, fold, reading, pointMs)
}

function beforeFiring({ forMs }: FoldPlan, fold: Fold, { severity }: Reading, pointMs: number): Fold {
  if (severity === null) return clear
  const metMs = fold.metMs ?? pointMs
  const hasFired = pointMs - metMs >= forMs
  return { phase: hasFired ? 'firing' : 'pending', metMs, hasFired, clearMs: null }
}

function afterFiring({ keepMs }: FoldPlan, fold: Fold, reading: Reading, pointMs: number): Fold {
  const isOver = !reading.hasData || (reading.clears && reading.severity === null)
  if (!isOver) return { ...fold, phase: 'firing', clearMs: null }
  const clearMs = fold.clearMs ?? pointMs
  return pointMs - clearMs >= keepMs ? clear : { ...fold, phase: 'firing', clearMs }
}
