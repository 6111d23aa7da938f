import type { RulePlan } from '../../rules/plan.ts'
import { countOf, windowOf } from '../buckets.ts'
import type { Evaluation } from '../evaluation.ts'
import { createMeasure } from '../create-measure.ts'
import { judged, noData, shownNumber } from '../reading.ts'
import { quantile } from './decayed-histogram.ts'
import { emptyEnsemble, scored } from './ensemble.ts'
import { type EnsembleJson, ensembleJson, ensembleOf } from './ensemble-json.ts'

/** How unusual the measure of the window is for the group. A point is scored once, when it can change no longer. */
export function anomaly(plan: RulePlan, watch: Extract<RulePlan['watch'], { by: 'anomaly' }>): Evaluation {
  const measure = createMeasure(watch.measure)
  return {
    memory: (): EnsembleJson => ensembleJson(emptyEnsemble),
    add: measure.add,
    close(state, pointMs) {
      const window = windowOf(state.buckets, pointMs, plan.windowMs)
      const value = measure.value(window)
      if (value === undefined) return noData
      const before = ensembleOf(state.memory as EnsembleJson)
      const { state: after, score } = scored(before, value, pointMs, watch)
      state.memory = ensembleJson(after)
      const reading = judged(plan, score.score, score.isPeak && countOf(window) >= plan.minimum)
      const baseline = quantile(before.histograms.value, 0.5)
      return { ...reading, baseline, found: `${shownNumber(value)}, usually ${shownNumber(baseline)}` }
    },
  }
}
