import { type Comparison, meets } from '../rules/comparison.ts'
import type { RulePlan } from '../rules/plan.ts'
import type { Severity } from '../severity.ts'

/** What a rule says of one group at one point of time. */
export interface Reading {
  /** False: there are no logs to judge by, and the other members say nothing. */
  readonly hasData: boolean
  readonly value: number
  /** What the value was compared with. */
  readonly threshold: number
  /** The worst severity whose condition is met; null: none is. */
  readonly severity: Severity | null
  /** Whether the clear condition is met. */
  readonly clears: boolean
  /** What the value usually is; null: nobody knows. */
  readonly baseline: number | null
  /** What was found, for the summary, where the value does not say it: new terms, an unusual value. */
  readonly found: string
}

/** There is nothing to judge by. */
export const noData: Reading = Object.freeze({
  hasData: false,
  value: 0,
  threshold: 0,
  severity: null,
  clears: false,
  baseline: null,
  found: '',
})

/** A value against the limits of the rule. `isEnough`: there are as many logs as the rule needs to fire. */
export function judged(plan: RulePlan, value: number, isEnough: boolean): Reading {
  const met = isEnough ? plan.fire.find(({ limit }) => meets(limit, value)) : undefined
  const shown: Comparison | undefined = (met ?? plan.fire.at(-1))?.limit
  return {
    hasData: true,
    value,
    threshold: shown?.limit ?? 0,
    severity: met?.severity ?? null,
    clears: meets(plan.clear, value),
    baseline: null,
    found: '',
  }
}

/** A number for people: four digits are enough. */
export function shownNumber(value: number): string {
  return String(Number(value.toPrecision(4)))
}
