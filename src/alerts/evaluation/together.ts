import type { RulePlan } from '../rules/plan.ts'
import { windowOf } from './buckets.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged } from './reading.ts'

/** Logs of each step, by its number. */
type Counts = readonly number[]

/** How many steps came within the window, in whatever order. */
export function together(plan: RulePlan, { counts }: Extract<RulePlan['watch'], { by: 'together' }>): Evaluation {
  const read = ({ buckets }: EvaluationState, pointMs: number) => {
    const window = windowOf(buckets, pointMs, plan.windowMs)
    const isDone = (needed: number, step: number): boolean =>
      window.reduce((sum, { cell }) => sum + ((cell as Counts)[step] ?? 0), 0) >= needed
    return judged(plan, counts.filter(isDone).length, true)
  }
  return {
    add(cell, { count, steps = [] }) {
      const known = (cell as Counts | undefined) ?? counts.map(() => 0)
      return known.map((before, step) => (steps.includes(step) ? before + count : before))
    },
    close: read,
    peek: read,
  }
}
