import type { RulePlan } from '../rules/plan.ts'
import { type Bucket, windowOf } from './buckets.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged } from './reading.ts'

/** Logs of a step within a second. */
type Entry = [second: number, step: number, count: number]

/** How many steps came one after another within the window. */
export function sequence(plan: RulePlan, { counts }: Extract<RulePlan['watch'], { by: 'sequence' }>): Evaluation {
  const read = ({ buckets }: EvaluationState, pointMs: number) =>
    judged(plan, stepsDone(windowOf(buckets, pointMs, plan.windowMs), counts), true)
  return {
    add(cell, { timeMs, count, steps = [] }) {
      const entries = (cell as Entry[] | undefined) ?? []
      const second = Math.floor(timeMs / 1000)
      for (const step of steps) {
        const known = entries.find(([otherSecond, otherStep]) => otherSecond === second && otherStep === step)
        if (known === undefined) entries.push([second, step, count])
        else known[2] += count
      }
      return entries.sort((left, right) => left[0] - right[0] || left[1] - right[1])
    },
    close: read,
    peek: read,
  }
}

/** Each step takes the first logs that come after those of the step before. */
function stepsDone(buckets: readonly Bucket[], counts: readonly number[]): number {
  let step = 0
  let seen = 0
  for (const { cell } of buckets) {
    for (const [, ofStep, count] of cell as Entry[]) {
      if (ofStep !== step) continue
      seen += count
      if (seen < (counts[step] ?? 1)) continue
      step++
      seen = 0
    }
  }
  return step
}
