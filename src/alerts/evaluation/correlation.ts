import type { RulePlan } from '../rules/plan.ts'
import { hashOf } from './distinct.ts'
import type { Evaluation, EvaluationState } from './evaluation.ts'
import { judged } from './reading.ts'

/**
 * What became of an alert within a bucket: the time of its last change, whether it fires since then, and whether it fired
 * at some time. Its key is a hash: there are many.
 */
type Change = readonly [alert: number, timeMs: number, fires: boolean, hasFired: boolean]

/** By the name of the rule. */
type Changes = Readonly<Record<string, readonly Change[]>>

interface RuleMemory {
  readonly rule: string
  /** Alerts that fire. */
  readonly firing: readonly number[]
  /** When one was last known to fire. */
  readonly lastMs: number
}

interface CorrelationMemory {
  readonly rules: readonly RuleMemory[]
  /** All buckets up to this one are in `rules`. */
  readonly throughMs: number
}

/**
 * Alerts of a rule that are known apart: those with the smallest hashes. They are the same ones in the memory and in
 * buckets, so that the end of an alert that is remembered is not lost where many more end with it.
 */
const firingMax = 100
const changesOfRuleMax = 200

/** How many of the rules fired at some time of the window. Observations are changes: `text` is the key, `bad` 1 if it fires. */
export function correlation(plan: RulePlan, { rules }: Extract<RulePlan['watch'], { by: 'correlation' }>): Evaluation {
  const after = (state: EvaluationState, pointMs: number): CorrelationMemory => {
    const before = state.memory as CorrelationMemory
    const buckets = state.buckets.filter(({ startMs }) => startMs > before.throughMs && startMs <= pointMs)
    const endMs = pointMs + plan.everyMs
    const changesOf = (rule: string) => buckets.flatMap(({ cell }) => changesIn(cell as Changes, rule))
    return { rules: before.rules.map((one) => afterChanges(one, changesOf(one.rule), endMs)), throughMs: pointMs }
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
      const changes = (cell as Changes | undefined) ?? {}
      const rule = ruleOf(text)
      return { ...changes, [rule]: withChange(changesIn(changes, rule), [hashOf(text), timeMs, bad > 0, bad > 0]) }
    },
    close(state, pointMs) {
      const memory = after(state, pointMs)
      state.memory = memory
      return reading(memory, pointMs)
    },
    peek: (state, pointMs) => reading(after(state, pointMs), pointMs),
  }
}

/** A rule may have a name that every object has, such as `constructor`. */
function changesIn(changes: Changes, rule: string): readonly Change[] {
  return Object.hasOwn(changes, rule) ? (changes[rule] as readonly Change[]) : []
}

/** The name of the rule that the alert is of. */
function ruleOf(key: string): string {
  const end = key.indexOf('{')
  return end === -1 ? key : key.slice(0, end)
}

/** The same in whatever order they come. */
function withChange(changes: readonly Change[], change: Change): readonly Change[] {
  const known = changes.find(([alert]) => alert === change[0])
  if (known === undefined) return [...changes, change].sort(byAlert).slice(0, changesOfRuleMax)
  const together = togetherOf(known, change)
  return changes.map((one) => (one === known ? together : one))
}

function togetherOf(one: Change, other: Change): Change {
  const isLater = other[1] > one[1] || (other[1] === one[1] && other[2])
  const [alert, timeMs, fires] = isLater ? other : one
  return [alert, timeMs, fires, one[3] || other[3]]
}

function afterChanges({ rule, firing, lastMs }: RuleMemory, changes: readonly Change[], endMs: number): RuleMemory {
  const alerts = new Set(firing)
  let latestMs = lastMs
  for (const [alert, timeMs, fires, hasFired] of changes) {
    if (hasFired || alerts.has(alert)) latestMs = Math.max(latestMs, timeMs)
    if (fires) alerts.add(alert)
    else alerts.delete(alert)
  }
  const kept = [...alerts].sort((left, right) => left - right).slice(0, firingMax)
  return { rule, firing: kept, lastMs: alerts.size > 0 ? endMs : latestMs }
}

function byAlert(left: Change, right: Change): number {
  return left[0] - right[0]
}
