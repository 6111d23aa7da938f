import type { RulePlan } from '../rules/plan.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged, type Reading } from './reading.ts'

interface TermMemory {
  /** Terms of closed buckets, and when each came last. */
  readonly terms: (readonly [term: string, lastMs: number])[]
  /** New terms that the window still shows, and when they came. */
  readonly fresh: (readonly [term: string, startMs: number])[]
  /** All buckets up to this one are in `terms`. */
  readonly throughMs: number
}

/** Terms that a group remembers; beyond them, the one that did not come for the longest time is forgotten. */
const termsMax = 1000
/** Terms that a bucket keeps: the first ones by the alphabet. */
const termsOfBucketMax = 100
const termLengthMax = 200

/** Values of a field that its group has not had before. */
export function newTerm(plan: RulePlan, watch: Extract<RulePlan['watch'], { by: 'new-term' }>): Evaluation {
  const reading = (fresh: TermMemory['fresh']): Reading => {
    const terms = [...new Set(fresh.map(([term]) => term))]
    return { ...judged(plan, terms.length, true), found: terms.join(', ') }
  }
  const after = (state: EvaluationState, pointMs: number): TermMemory => {
    const { terms, fresh, throughMs } = state.memory as TermMemory
    const lastMs = new Map(terms)
    const found = [...fresh]
    for (const { startMs, cell } of state.buckets) {
      if (startMs <= throughMs || startMs > pointMs) continue
      for (const term of cell as readonly string[]) {
        const isKnown = (lastMs.get(term) ?? Number.NEGATIVE_INFINITY) >= startMs - watch.memoryMs
        if (!isKnown && startMs >= state.sinceMs + watch.learnMs) found.push([term, startMs])
        lastMs.set(term, startMs)
      }
    }
    return {
      terms: remembered([...lastMs]),
      fresh: found.filter(([, startMs]) => startMs > pointMs - plan.windowMs),
      throughMs: pointMs,
    }
  }
  return {
    memory: (): TermMemory => ({ terms: [], fresh: [], throughMs: Number.MIN_SAFE_INTEGER }),
    add(cell, { text = '' }) {
      const terms = new Set((cell as readonly string[] | undefined) ?? [])
      return [...terms.add(text.slice(0, termLengthMax))].sort().slice(0, termsOfBucketMax)
    },
    close(state, pointMs) {
      const memory = after(state, pointMs)
      state.memory = memory
      return reading(memory.fresh)
    },
    peek: (state, pointMs) => reading(after(state, pointMs).fresh),
  }
}

function remembered(terms: TermMemory['terms']): TermMemory['terms'] {
  if (terms.length <= termsMax) return terms
  const newestFirst = terms.sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
  return newestFirst.slice(0, termsMax)
}
