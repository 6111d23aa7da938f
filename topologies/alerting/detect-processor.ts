import {
  type AlertChange,
  AlertEvaluator,
  alertKey,
  type AlertState,
  endedAlert,
  groupKey,
  type GroupValues,
  type Observation,
  type RulePlan,
} from '../../src/alerts/index.ts'
import {
  json,
  type KeyValueStore,
  keyValueStore,
  type Logger,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  string,
} from '../../src/index.ts'
import { AlertStates, formOf, ruleOf, type StoredAlert } from './alert-states.ts'
import { DetectCounts } from './detect-counts.ts'
import { DueTimes } from './due-times.ts'
import { type LabelsStore, strictnessOf } from './label-shelf.ts'
import { isTick, keyWithoutGroup, type ObservationRecord, type SourceTick } from './observation-record.ts'
import { type KnownTimes, SourceTimes, type SourceTime } from './source-times.ts'
import { SourceWatch } from './source-watch.ts'

/** A change, or how far the task is: all changes up to there were passed on. */
export type Detected = AlertChange | SourceTick

export interface DetectSettings {
  /** Of the processor and its stores. */
  readonly name: string
  readonly rules: readonly RulePlan[]
  /** A source that nobody has heard of for so long is left out. */
  readonly silentAfterMs: number
  /** Whether sources that are behind are reported. */
  readonly watchesSources: boolean
  /** Alerts of a task that are known at the same time. */
  readonly statesMax: number
  /** The global table of labels; undefined: there is none. */
  readonly labels?: string | undefined
  readonly logger: Logger
}

/** How often time is looked at where no record comes. */
const advanceEveryMs = 1000
/**
 * So many alerts are advanced with a record, and so many each second, in a fraction of it: the others follow. Where
 * thousands are due together, the last of them is some seconds late.
 */
const dueOfRecordMax = 250
const dueOfSecondMax = 4000

/** Evaluates alert rules over observations, and forwards what changes. */
export function detectProcessor(
  settings: DetectSettings,
): ProcessorSupplier<string, ObservationRecord, string, Detected> {
  const { name } = settings
  const states = keyValueStore({ name: `${name}-states`, key: string(), value: json<StoredAlert>() })
  const sources = keyValueStore({ name: `${name}-sources`, key: string(), value: json<SourceTime>() })
  const times = keyValueStore({ name: `${name}-times`, key: string(), value: json<KnownTimes>() })
  return { create: () => new DetectProcessor(settings), stores: [states, sources, times] }
}

class DetectProcessor implements Processor<string, ObservationRecord, string, Detected> {
  readonly #settings: DetectSettings
  readonly #evaluators: ReadonlyMap<string, AlertEvaluator>
  /** By the time that must be closed; the same of rules about missing logs; by the time that must be reached. */
  readonly #closing = new DueTimes()
  readonly #expecting = new DueTimes()
  readonly #firing = new DueTimes()
  #context!: ProcessorContext<string, Detected>
  #counts!: DetectCounts
  #states!: AlertStates
  #sources!: KeyValueStore<string, SourceTime>
  #knownTimes!: KeyValueStore<string, KnownTimes>
  #times: SourceTimes | undefined
  #watch: SourceWatch | undefined
  #labels: LabelsStore | undefined
  #toldMs: number | undefined

  constructor(settings: DetectSettings) {
    this.#settings = settings
    this.#evaluators = new Map(
      settings.rules.map((plan) => [
        plan.name,
        new AlertEvaluator(plan, (alert, pointMs) => strictnessOf(this.#labels, alert, pointMs)),
      ]),
    )
  }

  init(context: ProcessorContext<string, Detected>): void {
    const { name, statesMax, watchesSources, labels, logger } = this.#settings
    if (labels !== undefined) this.#labels = context.getStateStore(labels)
    this.#context = context
    this.#counts = new DetectCounts(context.metrics, logger)
    this.#states = new AlertStates(context.getStateStore(`${name}-states`), statesMax)
    this.#sources = context.getStateStore(`${name}-sources`)
    this.#knownTimes = context.getStateStore(`${name}-times`)
    // Every task hears of every source: one of them reports.
    if (watchesSources && isFirst(context)) this.#watch = new SourceWatch(context.metrics, logger)
    context.schedule(advanceEveryMs, 'wall-clock-time', (nowMs) => this.#advance(nowMs))
  }

  process({ key, value: record }: StreamRecord<string, ObservationRecord>): void {
    const nowMs = this.#context.currentSystemTimeMs()
    const times = this.#loaded(nowMs)
    if (isTick(record)) {
      this.#sources.put(record.source, times.told(record.source, record, nowMs))
      this.#advanceDue(times, dueOfRecordMax)
      return
    }
    times.observed(record.reachedMs)
    for (const [rule, observations] of Object.entries(record.rules)) {
      const evaluator = this.#evaluators.get(rule)
      if (evaluator === undefined || !isOfGroup(evaluator.plan, record.group, key)) this.#counts.unknown(rule)
      else this.#observe(evaluator, record.group, observations, times)
    }
  }

  beforeCommit(): void {
    if (this.#times !== undefined) this.#knownTimes.put(timesKey, this.#times.known)
  }

  #advance(nowMs: number): void {
    const times = this.#loaded(nowMs)
    for (const source of times.advance(nowMs)) this.#sources.delete(source)
    if (this.#context.isCaughtUp()) this.#watch?.look(times, nowMs)
    this.#advanceDue(times, dueOfSecondMax)
    const { closedMs } = times
    if (closedMs === undefined || closedMs === this.#toldMs) return
    this.#toldMs = closedMs
    const source = `${this.#settings.name}/${this.#context.taskId}`
    this.#context.forward({ key: source, value: { source, reachedMs: closedMs, isIdle: false }, timestamp: nowMs })
  }

  #observe(
    evaluator: AlertEvaluator,
    group: GroupValues,
    observations: readonly Observation[],
    times: SourceTimes,
  ): void {
    const { plan } = evaluator
    const key = alertKey(plan, group)
    const state = this.#states.get(key) ?? this.#begin(key, evaluator, group, times)
    if (state === undefined) return
    const { lateCount, aheadCount } = state
    const { closedMs, reachedMs } = timesFor(plan, times)
    for (const observation of observations) evaluator.take(state, observation, reachedMs)
    this.#counts.left(state.lateCount - lateCount, state.aheadCount - aheadCount)
    this.#emit(evaluator.advance(state, closedMs, reachedMs))
    this.#keep(key, evaluator, state, reachedMs)
  }

  #begin(key: string, evaluator: AlertEvaluator, group: GroupValues, times: SourceTimes): AlertState | undefined {
    if (this.#states.isFull) {
      this.#counts.leftOut(key, this.#settings.statesMax)
      return undefined
    }
    const { closedMs, reachedMs } = timesFor(evaluator.plan, times)
    const state = evaluator.start(group, closedMs, reachedMs)
    this.#states.begin()
    return state
  }

  #keep(key: string, evaluator: AlertEvaluator, state: AlertState, reachedMs: number): void {
    if (state.isOver) {
      this.#states.delete(key)
      for (const dueTimes of [this.#closing, this.#expecting, this.#firing]) dueTimes.forget(key)
      return
    }
    this.#states.put(key, evaluator.plan, state)
    this.#schedule(key, evaluator, state, reachedMs)
  }

  #schedule(key: string, evaluator: AlertEvaluator, state: AlertState, reachedMs: number): void {
    const closing = isAboutMissing(evaluator.plan) ? this.#expecting : this.#closing
    closing.set(key, evaluator.closesAtMs(state))
    this.#firing.set(key, evaluator.firesAtMs(state, reachedMs))
  }

  #advanceDue(times: SourceTimes, dueMax: number): void {
    const { closedMs = Number.NEGATIVE_INFINITY, expectedMs, reachedMs } = times
    const closing = [...this.#closing.take(closedMs, dueMax), ...this.#expecting.take(expectedMs, dueMax)]
    for (const key of new Set([...closing, ...this.#firing.take(reachedMs, dueMax)])) {
      const evaluator = this.#evaluators.get(ruleOf(key))
      const state = this.#states.get(key)
      if (evaluator === undefined || state === undefined) continue
      const own = timesFor(evaluator.plan, times)
      this.#emit(evaluator.advance(state, own.closedMs, own.reachedMs))
      this.#keep(key, evaluator, state, own.reachedMs)
    }
  }

  #emit(changes: readonly AlertChange[]): void {
    for (const change of changes) {
      this.#counts.changed(change)
      this.#context.forward({ key: change.key, value: change, timestamp: change.timeMs })
    }
  }

  /** Stores are whole when the first record comes, not before. */
  #loaded(nowMs: number): SourceTimes {
    if (this.#times !== undefined) return this.#times
    const sources = [...this.#sources.all()].map(({ key, value }) => [key, value] as const)
    const times = new SourceTimes(this.#settings.silentAfterMs, nowMs, {
      times: this.#knownTimes.get(timesKey),
      sources,
    })
    this.#times = times
    for (const [key, stored] of this.#states.all()) this.#load(key, stored, times)
    this.#expectLogs(times)
    return times
  }

  #load(key: string, { form, fields, state }: StoredAlert, times: SourceTimes): void {
    const rule = ruleOf(key)
    const evaluator = this.#evaluators.get(rule)
    const isKnown = evaluator !== undefined && alertKey(evaluator.plan, state.group) === key
    if (isKnown && formOf(evaluator.plan) === form) {
      this.#schedule(key, evaluator, state, times.reachedMs)
      return
    }
    const ended = endedAlert(key, { rule, fields }, state, times.reachedMs)
    if (ended !== undefined) this.#emit([ended])
    if (ended !== undefined && isKnown) {
      this.#keep(key, evaluator, evaluator.startAfter(state.group, ended.timeMs), times.reachedMs)
    } else this.#states.delete(key)
  }

  /** Rules about missing logs without groups expect them from the beginning. */
  #expectLogs(times: SourceTimes): void {
    if (!isFirst(this.#context)) return
    for (const evaluator of this.#evaluators.values()) {
      const { definition, read } = evaluator.plan
      const key = alertKey(evaluator.plan, [])
      if (definition.kind !== 'absence' || read.groupBy.length > 0 || this.#states.get(key) !== undefined) continue
      const state = this.#begin(key, evaluator, [], times)
      if (state !== undefined) this.#keep(key, evaluator, state, times.expectedMs)
    }
  }
}

const timesKey = 'times'
/** Before any source has told how far it is: what others may still have is not late. */
const firstCloseMs = 3_600_000

function isFirst({ taskId }: ProcessorContext<string, Detected>): boolean {
  return taskId.endsWith('_0')
}

interface OwnTimes {
  readonly closedMs: number
  readonly reachedMs: number
}

/** Its time continues where no logs come. */
function isAboutMissing({ definition, noData }: RulePlan): boolean {
  return definition.kind === 'absence' || noData !== 'hold'
}

function timesFor(plan: RulePlan, times: SourceTimes): OwnTimes {
  const { reachedMs, expectedMs, closedMs = reachedMs - firstCloseMs } = times
  if (!isAboutMissing(plan)) return { closedMs, reachedMs }
  return { closedMs: Math.max(closedMs, expectedMs), reachedMs: Math.max(reachedMs, expectedMs) }
}

function isOfGroup({ read }: RulePlan, group: GroupValues, key: string): boolean {
  return group.length === read.groupBy.length && (groupKey(read.groupBy, group) || keyWithoutGroup) === key
}
