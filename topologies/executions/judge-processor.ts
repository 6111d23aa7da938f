import type { AlertChange } from '../../src/alerts/index.ts'
import {
  hours,
  json,
  type KeyValueStore,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  string,
  type StreamRecord,
  windowStore,
  type WindowStore,
} from '../../src/index.ts'
import { endPeriod, judgeCredits, periodOf, type PeriodState } from './credit-judgement.ts'
import type { ExecutionSettings } from './execution-settings.ts'
import type { Outcome } from './outcome.ts'
import {
  forgetScenario,
  isFailed,
  isMeasured,
  type JudgedOutcome,
  judgeDuration,
  judgeFailure,
  isNewFailure,
  newScenario,
  type ScenarioState,
} from './scenario-judgement.ts'

const stores = { judged: 'execution-judged', scenarios: 'execution-scenarios', periods: 'execution-periods' } as const
const sweepEveryMs = 10_000
/** Rows that one sweep looks at. */
const sweepMax = 500
/** A scenario that has not run for so long is forgotten. */
const scenarioAgeMaxMs = 30 * 86_400_000

/** Makes alerts of outcomes, by organization. */
export function judgeProcessor(settings: ExecutionSettings): ProcessorSupplier<string, Outcome, string, AlertChange> {
  const base = { key: string(), changelog: true } as const
  return {
    create: () => new JudgeProcessor(settings),
    stores: [
      windowStore({
        ...base,
        name: stores.judged,
        value: json<JudgedOutcome>(),
        windowSizeMs: 1,
        retentionMs: judgedMs(settings),
      }),
      keyValueStore({ ...base, name: stores.scenarios, value: json<ScenarioState>() }),
      keyValueStore({ ...base, name: stores.periods, value: json<PeriodState>() }),
    ],
  }
}

/** For longer than executions are corrected. */
function judgedMs({ timeoutMs, retentionMs }: ExecutionSettings): number {
  return timeoutMs + retentionMs + hours(1)
}

/**
 * An outcome that comes again changes nothing: what was said of the execution before is known for as long as it can be
 * corrected. Older ones are history, and no alert is about them.
 */
class JudgeProcessor implements Processor<string, Outcome, string, AlertChange> {
  readonly #settings: ExecutionSettings
  #context!: ProcessorContext<string, AlertChange>
  #judged!: WindowStore<string, JudgedOutcome>
  #scenarios!: KeyValueStore<string, ScenarioState>
  #periods!: KeyValueStore<string, PeriodState>
  /** Where the next sweeps begin. */
  readonly #cursors = { scenarios: '', periods: '' }

  constructor(settings: ExecutionSettings) {
    this.#settings = settings
  }

  init(context: ProcessorContext<string, AlertChange>): void {
    this.#context = context
    this.#judged = context.getStateStore(stores.judged)
    this.#scenarios = context.getStateStore(stores.scenarios)
    this.#periods = context.getStateStore(stores.periods)
    context.schedule(sweepEveryMs, 'wall-clock-time', (nowMs) => this.#sweep(nowMs))
  }

  process({ value: outcome, timestamp }: StreamRecord<string, Outcome>): void {
    const ageMaxMs = judgedMs(this.#settings)
    if (timestamp <= this.#context.currentStreamTimeMs() - ageMaxMs) {
      this.#context.metrics.counter('execution_alerts:history').increment()
      return
    }
    const before = this.#lastOf(outcome.key, timestamp - ageMaxMs, timestamp + ageMaxMs)
    if (before !== undefined && before.revision >= outcome.revision) return
    const period = periodOf(outcome.startMs, this.#settings.credits.period)
    const judged: JudgedOutcome = {
      revision: outcome.revision,
      isFailure: this.#judgeScenario(outcome, before, timestamp),
      isMeasured: isMeasured(outcome) || before?.isMeasured === true,
      credits: outcome.organizationId === null ? 0 : outcome.credits,
      period: period.name,
    }
    this.#judged.put(outcome.key, judged, timestamp)
    if (outcome.organizationId !== null)
      this.#countCredits(outcome.organizationId, judged, before, period.endMs, timestamp)
  }

  #lastOf(key: string, fromMs: number, toMs: number): JudgedOutcome | undefined {
    let last: JudgedOutcome | undefined
    for (const { value } of this.#judged.fetch(key, Math.max(0, fromMs), toMs)) {
      if (last === undefined || value.revision > last.revision) last = value
    }
    return last
  }

  /** Returns whether it counts as a failure. */
  #judgeScenario(outcome: Outcome, before: JudgedOutcome | undefined, timestamp: number): boolean {
    if (outcome.endMs === null) return false
    const state = this.#scenarios.get(outcome.scenarioId) ?? newScenario(outcome)
    state.seenMs = Math.max(state.seenMs, timestamp)
    const isCounted = isFailed(outcome) && (before?.isFailure === true || isNewFailure(state, outcome))
    this.#tell(judgeFailure(state, outcome, before))
    if (isMeasured(outcome) && before?.isMeasured !== true) this.#tell(judgeDuration(state, outcome, this.#settings))
    this.#scenarios.put(outcome.scenarioId, state)
    return isCounted
  }

  /** An execution whose start turned out to be another one may have been counted in another period. */
  #countCredits(
    organizationId: string,
    { credits, period }: JudgedOutcome,
    before: JudgedOutcome | undefined,
    endMs: number,
    timestamp: number,
  ): void {
    const counted = before === undefined || before.period !== period ? 0 : before.credits
    if (before !== undefined && before.period !== period && before.credits > 0) {
      const other = this.#periods.get(rowOf(organizationId, before.period))
      if (other !== undefined) this.#addCredits(other, -before.credits, timestamp)
    }
    if (credits === counted) return
    const row = rowOf(organizationId, period)
    const state = this.#periods.get(row) ?? { organizationId, period, endMs, used: 0, reached: null }
    this.#addCredits(state, credits - counted, timestamp)
  }

  #addCredits(state: PeriodState, credits: number, timestamp: number): void {
    this.#tell(judgeCredits(state, credits, timestamp, this.#settings.credits))
    this.#periods.put(rowOf(state.organizationId, state.period), state)
  }

  /** A sweep looks at some rows. While records wait to be read, nothing is over. */
  #sweep(nowMs: number): void {
    if (!this.#context.isCaughtUp()) return
    this.#cursors.scenarios = sweep(this.#scenarios, this.#cursors.scenarios, (key, state) => {
      if (nowMs - state.seenMs < scenarioAgeMaxMs) return
      for (const change of forgetScenario(state, state.seenMs + scenarioAgeMaxMs)) this.#tell(change)
      this.#scenarios.delete(key)
    })
    const keptMs = judgedMs(this.#settings)
    this.#cursors.periods = sweep(this.#periods, this.#cursors.periods, (key, state) => {
      if (nowMs < state.endMs) return
      if (state.reached !== null) {
        this.#tell(endPeriod(state))
        this.#periods.put(key, state)
      }
      if (nowMs >= state.endMs + keptMs) this.#periods.delete(key)
    })
  }

  #tell(change: AlertChange | undefined): void {
    if (change === undefined) return
    this.#context.metrics.counter(`execution_alerts:${change.status}`).increment()
    this.#context.forward({ key: change.key, value: change, timestamp: change.timeMs })
  }
}

/** Looks at some rows from the cursor on, and returns where the next ones begin; '' after the last. */
function sweep<State>(
  store: KeyValueStore<string, State>,
  cursor: string,
  look: (key: string, state: State) => void,
): string {
  const rows: { readonly key: string; readonly value: State }[] = []
  for (const row of store.range(cursor === '' ? undefined : cursor, undefined)) {
    rows.push(row)
    if (rows.length > sweepMax) break
  }
  const next = rows.length > sweepMax ? (rows.pop()?.key ?? '') : ''
  for (const { key, value } of rows) look(key, value)
  return next
}

function rowOf(organizationId: string, period: string): string {
  return `${organizationId}/${period}`
}
