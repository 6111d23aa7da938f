import { type ModelWatch, numberOf, type TrainingPlan } from '../../src/alerts/index.ts'
import {
  type ModelHistory,
  pointTable,
  type TrainedModel,
  type TrainingOrder,
  withVersion,
} from '../../src/detection/index.ts'
import type { KeyValueStore, Logger, ProcessorMetrics, WindowStore } from '../../src/index.ts'
import type { ModelShelf } from './model-shelf.ts'

/** What is kept of the training of a key. It is JSON. */
export interface TrainingState {
  /** The features of its rows: rows of others are of no use. */
  readonly features: string
  /** The first record with these features, event time. */
  readonly sinceMs: number
  /** When it was trained last, or tried; epoch milliseconds of the clock. */
  readonly triedMs: number
  /** When it may be tried next. */
  readonly nextMs: number
  /** The newest record, event time. */
  readonly lastMs: number
}

/** What a desk needs of its task. */
export interface TrainingDeskOptions {
  readonly watch: ModelWatch
  readonly rows: WindowStore<string, Uint8Array>
  readonly states: KeyValueStore<string, TrainingState>
  readonly shelf: ModelShelf
  readonly metrics: ProcessorMetrics
  readonly logger: Logger
  /** Who publishes, as the history of a model names it. */
  readonly by: string
  /** Trains off the event loop. */
  readonly train: (order: TrainingOrder) => Promise<TrainedModel>
}

type Ended = { readonly key: string } & ({ readonly model: TrainedModel } | { readonly error: unknown })

const timeoutMs = 600_000
/** A key that has too few records, or whose training failed or was cut off, is tried again so much sooner. */
const retryShare = 24
/** Where nothing is due, nobody looks again for so long. */
const restMs = 10_000
/** So many keys are looked at each time, so that a look stays short. */
const looksMax = 1000

/**
 * Trains the models of the keys of one task, one after the other, each in a thread. The task owns its keys, so each model
 * has one trainer. What a thread has trained is forwarded by the next look; a task that is taken away before forwards
 * nothing, and its next owner trains as after a failure.
 */
export class TrainingDesk {
  readonly #options: TrainingDeskOptions
  #isBusy = false
  #restUntilMs = 0
  #ended: Ended | undefined

  constructor(options: TrainingDeskOptions) {
    this.#options = options
  }

  /** Keeps the numbers of a record that the model of its key is trained from. */
  keep(key: string, timeMs: number, numbers: Readonly<Record<string, unknown>>, nowMs: number): void {
    const { watch, rows, states } = this.#options
    const { training } = watch.planOf(key)
    if (training === null) return
    const values = Float64Array.from(training.features, (name) => numberOf(numbers, name))
    rows.put(key, new Uint8Array(values.buffer), timeMs)
    const features = training.features.join()
    const before = states.get(key)
    // The first one is due as soon as there are enough records.
    if (before?.features !== features)
      states.put(key, { features, sinceMs: timeMs, lastMs: timeMs, triedMs: 0, nextMs: nowMs })
    else if (timeMs > before.lastMs) states.put(key, { ...before, lastMs: timeMs })
  }

  /** Returns a model to publish where one was trained, and starts the next training that is due. */
  look(nowMs: number): ModelHistory | undefined {
    const published = this.#take(nowMs)
    if (!this.#isBusy && nowMs >= this.#restUntilMs) this.#begin(nowMs)
    return published
  }

  #take(nowMs: number): ModelHistory | undefined {
    const ended = this.#ended
    if (ended === undefined) return undefined
    this.#ended = undefined
    this.#isBusy = false
    const { key } = ended
    const { watch, shelf, metrics, logger, by } = this.#options
    const { name } = watch
    try {
      if ('error' in ended) throw ended.error
      // It may have more bytes than a record has room for.
      const history = withVersion({ name, key }, shelf.history(name, key), ended.model, { nowMs, by })
      const version = history.versions.at(-1)?.version
      this.#plan(key, (everyMs, { triedMs }) => triedMs + everyMs)
      metrics.counter('detection_trainings:published').increment()
      logger.info({ model: name, key, version, rows: ended.model.rows }, 'a model was trained, and is used from now on')
      return history
    } catch (error) {
      this.#plan(key, (everyMs) => nowMs + everyMs / retryShare)
      metrics.counter('detection_trainings:failed').increment()
      logger.warn({ model: name, key, error }, 'a training has failed, the model in use stays')
      return undefined
    }
  }

  #begin(nowMs: number): void {
    const { watch, states } = this.#options
    let looks = 0
    for (const { key, value: state } of states.all()) {
      const { training } = watch.planOf(key)
      if (training === null || state.nextMs > nowMs) continue
      const isBegun = this.#train(key, training, state)
      // Also of one that is begun: only its end says that it need not be tried again soon.
      states.put(key, { ...state, triedMs: nowMs, nextMs: nowMs + training.everyMs / retryShare })
      if (isBegun || ++looks >= looksMax) return
    }
    this.#restUntilMs = nowMs + restMs
  }

  #plan(key: string, nextMs: (everyMs: number, state: TrainingState) => number): void {
    const { watch, states } = this.#options
    const [state, training] = [states.get(key), watch.planOf(key).training]
    if (state !== undefined && training !== null) states.put(key, { ...state, nextMs: nextMs(training.everyMs, state) })
  }

  /** False: there are too few records. */
  #train(key: string, plan: TrainingPlan, { sinceMs, lastMs }: TrainingState): boolean {
    const { kind, features, overMs, rowsMin, options } = plan
    const { rows, train } = this.#options
    const points = [...rows.fetch(key, Math.max(sinceMs, lastMs - overMs), lastMs)].map(({ startMs, value }) => ({
      timeMs: startMs,
      values: [...new Float64Array(Uint8Array.from(value).buffer)],
    }))
    if (points.length < Math.max(2, rowsMin)) return false
    this.#isBusy = true
    const order = { kind, table: pointTable(features, points), options, timeoutMs }
    void train(order).then(
      (model) => (this.#ended = { key, model }),
      (error: unknown) => (this.#ended = { key, error }),
    )
    return true
  }
}
