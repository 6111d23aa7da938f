import type { RulePlan } from '../rules/plan.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged } from './reading.ts'

/** An alert has begun to fire, or is resolved. */
type Change = readonly [timeMs: number, key: string, fires: boolean]

interface RuleMemory {
  readonly rule: string
  /** Keys of the alerts that fire. */
  readonly firing: readonly string[]
  /** When one was last known to fire. */
  readonly lastMs: number
}

interface CorrelationMemory {
  readonly rules: readonly RuleMemory[]
  /** All buckets up to this one are in `rules`. */
  readonly throughMs: number
}

const changesOfBucketMax = 100
const firingMax = 100

/** How many of the rules fired at some time of the window. Observations are changes: `text` is the key, `bad` 1 if it fires. */
export function correlation(plan: RulePlan, { rules }: Extract<RulePlan['watch'], { by: 'correlation' }>): Evaluation {
  const after = (state: EvaluationState, pointMs: number): CorrelationMemory => {
    const before = state.memory as CorrelationMemory
    const changes = state.buckets
      .filter(({ startMs }) => startMs > before.throughMs && startMs <= pointMs)
      .flatMap(({ cell }) => cell as readonly Change[])
    const endMs = pointMs + plan.everyMs
    return { rules: before.rules.map((one) => afterChanges(one, changes, endMs)), throughMs: pointMs }
  }
  const reading = ({ rules: found }: CorrelationMemory, pointMs: number) => {
    const fromMs = pointMs + plan.everyMs - plan.windowMs
    return judged(plan, found.filter(({ lastMs }) => lastMs >= fromMs).length, true)
  }
  return {
    memory: (): CorrelationMemory => ({
      rules: rules.map((rule) => ({ rule, firing: [], lastMs: Number.MIN_SAFE_INTEGER })),
      throughMs: Number.MIN_SAFE_INTEGER,
    }),
    add(cell, { timeMs, text = '', bad = 0 }) {
      const changes = [...((cell as readonly Change[] | undefined) ?? []), [timeMs, text, bad > 0] as const]
      return changes.sort(byTime).slice(-changesOfBucketMax)
    },
    close(state, pointMs) {
      const memory = after(state, pointMs)
      state.memory = memory
      return reading(memory, pointMs)
    },
    peek: (state, pointMs) => reading(after(state, pointMs), pointMs),
  }
}

function afterChanges({ rule, firing, lastMs }: RuleMemory, changes: readonly Change[], endMs: number): RuleMemory {
  const keys = new Set(firing)
  let latestMs = lastMs
  for (const [timeMs, key, fires] of changes) {
    if (key !== rule && !key.startsWith(`${rule}{`)) continue
    if (fires || keys.has(key)) latestMs = timeMs
    if (fires) keys.add(key)
    else keys.delete(key)
  }
  return { rule, firing: [...keys].slice(-firingMax), lastMs: keys.size > 0 ? endMs : latestMs }
}

function byTime(left: Change, right: Change): number {
  return left[0] - right[0] || (left[1] < right[1] ? -1 : left[1] > right[1] ? 1 : Number(left[2]) - Number(right[2]))
}
