import type { RulePlan } from '../rules/plan.ts'
import { severities } from '../severity.ts'
import { type Bucket, countOf, windowOf } from './buckets.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { createMeasure } from './create-measure.ts'
import { noData, type Reading } from './reading.ts'

/** How many times faster than allowed the error budget is spent, over pairs of windows that must burn together. */
export function burnRate(
  plan: RulePlan,
  { budget, windows }: Extract<RulePlan['watch'], { by: 'burn-rate' }>,
): Evaluation {
  const { add, value: shareOf } = createMeasure({ of: 'share' })
  const burnOf = (buckets: readonly Bucket[]) => (shareOf(buckets) ?? 0) / budget
  const worstFirst = windows.toSorted(
    (left, right) => severities.indexOf(right.severity) - severities.indexOf(left.severity),
  )
  const read = ({ buckets }: EvaluationState, pointMs: number): Reading => {
    if (windowOf(buckets, pointMs, plan.windowMs).length === 0) return noData
    const burns = worstFirst.map((pair) => {
      const long = windowOf(buckets, pointMs, pair.longMs)
      const burn = Math.min(burnOf(long), burnOf(windowOf(buckets, pointMs, pair.shortMs)))
      return { pair, burn, burning: burn >= pair.factor, isEnough: countOf(long) >= plan.minimum }
    })
    const met = burns.find(({ burning, isEnough }) => burning && isEnough)
    const shown = met ?? burns[0]
    return {
      hasData: true,
      value: shown?.burn ?? 0,
      threshold: shown?.pair.factor ?? 0,
      severity: met?.pair.severity ?? null,
      clears: !burns.some(({ burning }) => burning),
      baseline: null,
      found: '',
    }
  }
  return { add, close: read, peek: read }
}
