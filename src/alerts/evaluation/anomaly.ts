import { reasonOf, SeriesDetector } from '../../detection/index.ts'
import type { RulePlan } from '../rules/plan.ts'
import { countOf, windowOf } from './buckets.ts'
import { createMeasure } from './create-measure.ts'
import type { Evaluation } from './evaluation.ts'
import { judged, noData, shownNumber } from './reading.ts'

/** How unusual the measure of the window is for the group. A point is scored once, when it can change no longer. */
export function anomaly(plan: RulePlan, watch: Extract<RulePlan['watch'], { by: 'anomaly' }>): Evaluation {
  const measure = createMeasure(watch.measure)
  return {
    add: measure.add,
    close(state, pointMs, strictness) {
      const window = windowOf(state.buckets, pointMs, plan.windowMs)
      const value = measure.value(window)
      if (value === undefined) return noData
      const detector = SeriesDetector.restore(bytesOf(state.memory), watch.detector)
      const verdict = detector.observe(value, pointMs, countOf(window) >= plan.minimum, strictness)
      state.memory = Buffer.from(detector.toBytes()).toString('base64')
      const byLabels = strictness === 1 ? [] : [`limit ${shownNumber(strictness)} times as far by labels`]
      const reason = [reasonOf(verdict), ...byLabels].filter((part) => part !== '').join('; ')
      const found = `${shownNumber(value)}, usually ${shownNumber(verdict.median)}`
      return {
        ...judged(plan, verdict.score, verdict.isAlert),
        baseline: verdict.median,
        found: reason === '' ? found : `${found} (${reason})`,
      }
    },
  }
}

/** Null: nothing was learned, or what an earlier version learned, which is learned again. */
function bytesOf(memory: unknown): Uint8Array | null {
  return typeof memory === 'string' ? Buffer.from(memory, 'base64') : null
}
