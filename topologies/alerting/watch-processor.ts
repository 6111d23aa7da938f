import {
  type AlertChange,
  endedForSilence,
  judgeRecord,
  type ModelWatch,
  watchAlertKey,
  type WatchState,
} from '../../src/alerts/index.ts'
import { type ModelHistory, modelId, type TrainedModel, type TrainingOrder } from '../../src/detection/index.ts'
import type { KeyValueStore, Logger, Processor, ProcessorContext, StreamRecord } from '../../src/index.ts'
import { type LabelsStore, strictnessOf } from './label-shelf.ts'
import { ModelShelf } from './model-shelf.ts'
import { TrainingDesk } from './training-desk.ts'

/** A record of a topic that is watched: its numbers by name. */
export type Watched = Readonly<Record<string, unknown>>

/** Names of stores. */
export interface WatchStores {
  readonly states: string
  /** A global table. */
  readonly models: string
  /** A global table; undefined: there is none. */
  readonly labels: string | undefined
  /** What models are trained from, and when; undefined: none are. */
  readonly training: { readonly rows: string; readonly states: string } | undefined
}

/** What follows from records: changes of alerts, and models that were trained. */
export type WatchOutput = AlertChange | ModelHistory

/** Trains off the event loop. */
export type Train = (order: TrainingOrder) => Promise<TrainedModel>

/** How often models that were trained are published, and trainings begin. */
const lookEveryMs = 1000
/** Records of a time farther ahead are left out. */
const aheadMaxMs = 86_400_000
/** An alert whose key has had no record for so long is over. */
const silentMs = 3_600_000
/** Trainings wait so long for what is unread. A topic whose end is never reached must not keep them from beginning. */
const unreadMaxMs = 3_600_000

/** Judges records by the models of the global store, and forwards what changes in the life of alerts. */
export class WatchProcessor implements Processor<string, Watched, string, WatchOutput> {
  readonly #watch: ModelWatch
  readonly #stores: WatchStores
  readonly #logger: Logger
  readonly #train: Train
  #context!: ProcessorContext<string, WatchOutput>
  #desk: TrainingDesk | undefined
  #states!: KeyValueStore<string, WatchState>
  #shelf!: ModelShelf
  #labels: LabelsStore | undefined
  #mayTrain = false
  #mayTrainAtMs = 0

  constructor(watch: ModelWatch, stores: WatchStores, train: Train, logger: Logger) {
    this.#watch = watch
    this.#stores = stores
    this.#train = train
    this.#logger = logger
  }

  init(context: ProcessorContext<string, WatchOutput>): void {
    this.#context = context
    const { labels } = this.#stores
    this.#states = context.getStateStore(this.#stores.states)
    if (labels !== undefined) this.#labels = context.getStateStore(labels)
    this.#shelf = new ModelShelf(context.getStateStore(this.#stores.models), context.metrics, this.#logger)
    // Known from the start: Prometheus sees no increase in a series that begins.
    context.metrics.counter('detection_models:unreadable')
    context.schedule(60_000, 'wall-clock-time', (nowMs) => this.#endSilent(nowMs))
    const { training } = this.#stores
    if (training === undefined) return
    for (const result of ['published', 'failed']) context.metrics.counter(`detection_trainings:${result}`)
    this.#desk = new TrainingDesk({
      watch: this.#watch,
      rows: context.getStateStore(training.rows),
      states: context.getStateStore(training.states),
      shelf: this.#shelf,
      metrics: context.metrics,
      logger: this.#logger,
      by: `${context.applicationId} ${context.taskId}`,
      train: this.#train,
    })
    this.#mayTrainAtMs = context.currentSystemTimeMs() + unreadMaxMs
    context.schedule(lookEveryMs, 'wall-clock-time', (nowMs) => this.#look(nowMs))
  }

  process({ key, value, timestamp }: StreamRecord<string, Watched>): void {
    const timeMs = timeOf(value, timestamp)
    // One clock that is years ahead would make all other records late, and their rows too old.
    if (timeMs > this.#context.currentSystemTimeMs() + aheadMaxMs) {
      this.#count('ahead')
      return
    }
    this.#desk?.keep(key, timeMs, value, this.#context.currentSystemTimeMs())
    const shelved = this.#shelf.at(this.#watch.name, key, timeMs)
    if (shelved === undefined) {
      this.#count('no-model')
      return
    }
    const before = this.#before(key, timeMs)
    const strictness = strictnessOf(this.#labels, watchAlertKey(this.#watch, key), timeMs)
    const record = { key, timeMs, numbers: value, ...shelved, strictness }
    const { state, verdict, changes } = judgeRecord(this.#watch, before, record)
    this.#count(verdict.status)
    if (verdict.status === 'late' || verdict.status === 'unusable') return
    this.#states.put(key, state)
    for (const change of changes) this.#emit(change)
  }

  #emit(change: AlertChange): void {
    this.#context.metrics.counter(`alert_${change.status}:${change.severity}`).increment()
    this.#context.forward({ key: change.key, value: change, timestamp: change.timeMs })
  }

  /** Not while records may be unread. */
  #endSilent(nowMs: number): void {
    if (!this.#context.isCaughtUp()) return
    const silent = [...this.#states.all()].filter(({ value }) => isSilent(value, nowMs))
    for (const { key, value } of silent) this.#end(key, value)
  }

  /** In a replay no time passes between two records: the second one ends what the clock has ended in the first run. */
  #before(key: string, timeMs: number): WatchState | undefined {
    const state = this.#states.get(key)
    if (state === undefined || !isSilent(state, timeMs)) return state
    this.#end(key, state)
    return undefined
  }

  /** The end depends on nothing but the last record. */
  #end(key: string, state: WatchState): void {
    const change = endedForSilence(this.#watch, key, state, state.lastMs + silentMs)
    this.#states.delete(key)
    if (change !== undefined) this.#emit(change)
  }

  /** A model of the first records of a replay would replace that of all records. */
  #look(nowMs: number): void {
    this.#mayTrain ||= this.#context.isCaughtUp() || nowMs >= this.#mayTrainAtMs
    if (!this.#mayTrain) return
    const history = this.#desk?.look(nowMs)
    if (history !== undefined) this.#context.forward({ key: modelId(history), value: history, timestamp: nowMs })
  }

  #count(status: string): void {
    this.#context.metrics.counter(`detection_records:${status}`).increment()
  }
}

function isSilent({ firing, lastMs }: WatchState, timeMs: number): boolean {
  return firing !== null && lastMs < timeMs - silentMs
}

/** The beginning of the window where the record says it. */
export function timeOf({ startMs, timeMs = startMs }: Watched, timestamp: number): number {
  return typeof timeMs === 'number' && Number.isFinite(timeMs) ? timeMs : timestamp
}
