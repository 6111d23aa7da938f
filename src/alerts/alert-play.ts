import type { LogEvent } from '../pipelines/index.ts'
import type { AlertChange } from './alert-change.ts'
import { alertKey } from './episodes/alert-key.ts'
import { AlertEvaluator } from './episodes/alert-evaluator.ts'
import type { AlertState } from './episodes/alert-state.ts'
import type { RulePlan } from './rules/plan.ts'
import type { Observation } from './rules/observation.ts'
import { type GroupValues, RuleReader } from './rules/read-log.ts'

interface PlayedGroup {
  readonly evaluator: AlertEvaluator
  readonly state: AlertState
  /** The time before which nothing changes that no log is about. */
  dueMs: number
}

/** How rules are played. */
export interface AlertPlayOptions {
  /** Gets each change, with the time that the play has reached. Default: it is added to `changes`. */
  readonly emit?: (change: AlertChange, timeMs: number) => void
  /** Groups of all rules that are watched together; logs of further ones are counted. Default: without bound. */
  readonly groupsMax?: number
}

/** Rules over logs in memory, for examples and for history: what fires, and when it is over. */
export class AlertPlay {
  /** In the order in which they were emitted, where no `emit` gets them. */
  readonly changes: AlertChange[] = []
  readonly #reader: RuleReader
  readonly #evaluators: readonly AlertEvaluator[]
  readonly #states = new Map<string, PlayedGroup>()
  readonly #stepMs: number
  readonly #groupsMax: number
  readonly #tell: (change: AlertChange, timeMs: number) => void
  #leftOutCount = 0
  #timeMs = Number.NEGATIVE_INFINITY

  constructor(plans: readonly RulePlan[], { emit, groupsMax = Number.POSITIVE_INFINITY }: AlertPlayOptions = {}) {
    this.#reader = new RuleReader(plans)
    this.#evaluators = plans.map((plan) => new AlertEvaluator(plan))
    this.#stepMs = Math.min(...plans.map(({ everyMs }) => everyMs))
    this.#groupsMax = groupsMax
    this.#tell = emit ?? ((change) => void this.changes.push(change))
  }

  /** Logs, and changes for correlations, that meant something to a rule and were of one group too many. */
  get leftOutCount(): number {
    return this.#leftOutCount
  }

  /** A log of this time; the time continues up to there. */
  log(event: LogEvent, timeMs = event.receivedMs): void {
    this.#continue(timeMs)
    this.#reader.read(event, timeMs, event.original, (plan, group, observation) => {
      const entry = this.#stateOf(plan, group)
      this.#observe(entry, observation)
    })
  }

  /** The time continues without logs, in steps, as it does where logs come all the time. */
  advance(toMs: number): void {
    this.#continue(toMs)
    this.#advanceAll()
  }

  /** Between two steps, nothing changes that no log is about. */
  #continue(toMs: number): void {
    if (this.#timeMs === Number.NEGATIVE_INFINITY) this.#begin(toMs)
    while (this.#timeMs < toMs) {
      const nextMs = (Math.floor(this.#timeMs / this.#stepMs) + 1) * this.#stepMs
      this.#timeMs = Math.min(toMs, nextMs)
      if (this.#timeMs === nextMs) this.#advanceAll()
    }
  }

  #advanceAll(): void {
    for (const [key, entry] of this.#states) {
      if (entry.dueMs > this.#timeMs) continue
      this.#emit(entry.evaluator.advance(entry.state, this.#timeMs))
      this.#schedule(entry)
      if (entry.state.isOver) this.#states.delete(key)
    }
  }

  #observe(entry: PlayedGroup | undefined, observation: Observation): void {
    if (entry === undefined) {
      this.#leftOutCount++
      return
    }
    this.#emit(entry.evaluator.observe(entry.state, observation, this.#timeMs))
    this.#schedule(entry)
  }

  #schedule(entry: PlayedGroup): void {
    const { evaluator, state } = entry
    entry.dueMs = Math.min(evaluator.closesAtMs(state), evaluator.firesAtMs(state, this.#timeMs))
  }

  /** Rules about missing logs expect them from the beginning. */
  #begin(timeMs: number): void {
    this.#timeMs = timeMs
    for (const { plan } of this.#evaluators) {
      if (plan.definition.kind === 'absence' && plan.read.groupBy.length === 0) this.#stateOf(plan, [])
    }
  }

  /** undefined: it would be one too many. */
  #stateOf(plan: RulePlan, group: GroupValues): PlayedGroup | undefined {
    const key = alertKey(plan, group)
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size >= this.#groupsMax) return undefined
    const evaluator = this.#evaluators.find((one) => one.plan === plan) as AlertEvaluator
    const started = { evaluator, state: evaluator.start(group, this.#timeMs), dueMs: this.#timeMs }
    this.#states.set(key, started)
    return started
  }

  #emit(changes: readonly AlertChange[]): void {
    for (const change of changes) {
      this.#tell(change, this.#timeMs)
      this.#reader.readChange(change, (plan, group, observation) => {
        const entry = this.#stateOf(plan, group)
        this.#observe(entry, observation)
      })
    }
  }
}
