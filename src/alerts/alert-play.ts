import type { LogEvent } from '../pipelines/index.ts'
import type { AlertChange } from './alert-change.ts'
import { alertKey } from './episodes/alert-key.ts'
import { AlertEvaluator } from './episodes/alert-evaluator.ts'
import type { AlertState } from './episodes/alert-state.ts'
import type { RulePlan } from './rules/plan.ts'
import { type GroupValues, RuleReader } from './rules/read-log.ts'

/** Rules over logs in memory, for examples: what fires, and when it is over. */
export class AlertPlay {
  /** In the order in which they were emitted. */
  readonly changes: AlertChange[] = []
  readonly #reader: RuleReader
  readonly #evaluators: readonly AlertEvaluator[]
  readonly #states = new Map<string, { readonly evaluator: AlertEvaluator; readonly state: AlertState }>()
  readonly #stepMs: number
  #timeMs = Number.NEGATIVE_INFINITY

  constructor(plans: readonly RulePlan[]) {
    this.#reader = new RuleReader(plans)
    this.#evaluators = plans.map((plan) => new AlertEvaluator(plan))
    this.#stepMs = Math.min(...plans.map(({ everyMs }) => everyMs))
  }

  /** A log, received at its `receivedMs`; the time continues up to there. */
  log(event: LogEvent): void {
    this.advance(event.receivedMs)
    this.#reader.read(event, event.receivedMs, event.original, (plan, group, observation) => {
      const { evaluator, state } = this.#stateOf(plan, group)
      this.#emit(evaluator.observe(state, observation, this.#timeMs))
    })
  }

  /** The time continues without logs, in steps, as it does where logs come all the time. */
  advance(toMs: number): void {
    if (this.#timeMs === Number.NEGATIVE_INFINITY) this.#begin(toMs)
    while (this.#timeMs < toMs) {
      this.#timeMs = Math.min(toMs, this.#timeMs + this.#stepMs)
      for (const { evaluator, state } of [...this.#states.values()]) this.#emit(evaluator.advance(state, this.#timeMs))
    }
    for (const [key, { state }] of this.#states) if (state.isOver) this.#states.delete(key)
  }

  /** Rules about missing logs expect them from the beginning. */
  #begin(timeMs: number): void {
    this.#timeMs = timeMs
    for (const { plan } of this.#evaluators) {
      if (plan.definition.kind === 'absence' && plan.read.groupBy.length === 0) this.#stateOf(plan, [])
    }
  }

  #stateOf(plan: RulePlan, group: GroupValues): { readonly evaluator: AlertEvaluator; readonly state: AlertState } {
    const key = alertKey(plan, group)
    const known = this.#states.get(key)
    if (known !== undefined) return known
    const evaluator = this.#evaluators.find((one) => one.plan === plan) as AlertEvaluator
    const started = { evaluator, state: evaluator.start(group, this.#timeMs) }
    this.#states.set(key, started)
    return started
  }

  #emit(changes: readonly AlertChange[]): void {
    for (const change of changes) {
      this.changes.push(change)
      this.#reader.readChange(change, (plan, group, observation) => {
        const { evaluator, state } = this.#stateOf(plan, group)
        this.#emit(evaluator.observe(state, observation, this.#timeMs))
      })
    }
  }
}
