import type { AlertChange, ModelWatch, WatchState } from '../../src/alerts/index.ts'
import { type ModelHistory, trainModel } from '../../src/detection/index.ts'
import { bytes, json, keyValueStore, type Logger, type StreamsBuilder, string, windowStore } from '../../src/index.ts'
import type { TrainingState } from './training-desk.ts'
import { type Train, type Watched, type WatchOutput, WatchProcessor } from './watch-processor.ts'

export interface WatchOptions {
  readonly watches: readonly ModelWatch[]
  /** Compacted: the models by name and key. */
  readonly modelsTopic: string
  readonly changesTopic: string
  /** The global table of labels. Default: none. */
  readonly labels?: string
  /** Trains off the event loop. Default: in a thread of its own. */
  readonly train?: Train
  readonly logger: Logger
}

const modelsTable = 'detection-models'

/**
 * Judges the records of topics by models, which are a global table: a version that is published or chosen judges the
 * records of its time without a restart.
 */
export function watchModels(builder: StreamsBuilder, options: WatchOptions): void {
  const { watches, modelsTopic, changesTopic, labels, train = trainModel, logger } = options
  if (watches.length === 0) return
  builder.globalTable(modelsTopic, { key: string(), value: bytes(), store: modelsTable })
  for (const watch of watches) {
    const { name, topic } = watch
    const states = `watch-${name}`
    const training = watch.overMs > 0 ? { rows: `watch-${name}-rows`, states: `watch-${name}-trainings` } : undefined
    const stores = { states, models: modelsTable, labels, training }
    const found = builder
      .stream(topic, { name: `watched-${name}`, key: string(), value: json<Watched>({ bigIntegers: 'round' }) })
      .process<string, WatchOutput>(
        {
          create: () => new WatchProcessor(watch, stores, train, logger),
          stores: [
            keyValueStore({ name: states, key: string(), value: json<WatchState>() }),
            ...(training === undefined ? [] : trainingStores(training, watch.overMs)),
          ],
        },
        { name: `watch-${name}` },
      )
    found
      .flatMapValues((one) => ('episode' in one ? [one] : []), { name: `changes-of-${name}` })
      .to(changesTopic, { name: `to-changes-of-${name}`, key: string(), value: json<AlertChange>() })
    if (training === undefined) continue
    found
      .flatMapValues((one) => ('versions' in one ? [one] : []), { name: `models-of-${name}` })
      .to(modelsTopic, { name: `to-models-of-${name}`, key: string(), value: json<ModelHistory>() })
  }
}

/** Rows are kept somewhat longer than they are learned from: keys differ in how far they are. */
const spareMs = 86_400_000

function trainingStores({ rows, states }: { readonly rows: string; readonly states: string }, overMs: number) {
  return [
    windowStore({ name: rows, key: string(), value: bytes(), windowSizeMs: 1, retentionMs: overMs + spareMs }),
    keyValueStore({ name: states, key: string(), value: json<TrainingState>() }),
  ]
}
