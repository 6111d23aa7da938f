import type { RulePlan } from '../rules/plan.ts'
import { type Buckets, countOf, windowOf } from './buckets.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged } from './reading.ts'

/** What matched, and when. */
type Match = readonly [timeMs: number, text: string]

/** How many logs matched within the window. Says what of the newest one did. */
export function matches(plan: RulePlan): Evaluation {
  const read = ({ buckets }: EvaluationState, pointMs: number) => {
    const window = windowOf(buckets, pointMs, plan.windowMs)
    return { ...judged(plan, countOf(window), true), found: newestOf(window) }
  }
  const add: Evaluation['add'] = (cell, { timeMs, text = '' }) => newer(cell as Match | undefined, [timeMs, text])
  return plan.firesAbove ? { add, close: read, peek: read } : { add, close: read }
}

function newer(known: Match | undefined, match: Match): Match {
  if (known === undefined || match[0] > known[0]) return match
  return match[0] === known[0] && match[1] > known[1] ? match : known
}

function newestOf(window: Readonly<Buckets>): string {
  return (window.at(-1)?.cell as Match | undefined)?.[1] ?? ''
}
