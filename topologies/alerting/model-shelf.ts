import {
  anyKey,
  type ModelHistory,
  modelId,
  type ModelVersion,
  readModel,
  readModelHistory,
  type VectorModel,
} from '../../src/detection/index.ts'
import type { Logger, ProcessorMetrics, ReadOnlyKeyValueStore, ValueAndTimestamp } from '../../src/index.ts'

/** A version that can be read. */
export interface ShelvedModel {
  readonly version: ModelVersion
  readonly model: VectorModel
}

interface Shelf {
  /** Of the record that was read: another one has another time or length. */
  readonly stamp: string
  readonly history: ModelHistory | undefined
  /** By version; undefined: it cannot be read. */
  readonly models: Map<number, VectorModel | undefined>
}

/** So many histories are kept read. */
const shelvesMax = 10_000

/**
 * The models of the global store, each read once. What cannot be read is logged once with its code and counted, and the last
 * one that can be read judges in its place.
 */
export class ModelShelf {
  readonly #store: ReadOnlyKeyValueStore<string, ValueAndTimestamp<Uint8Array>>
  readonly #metrics: ProcessorMetrics
  readonly #logger: Logger
  readonly #shelves = new Map<string, Shelf>()

  constructor(
    store: ReadOnlyKeyValueStore<string, ValueAndTimestamp<Uint8Array>>,
    metrics: ProcessorMetrics,
    logger: Logger,
  ) {
    this.#store = store
    this.#metrics = metrics
    this.#logger = logger
  }

  /** The model of the key, or that of all keys, that judges a record of this event time; undefined: there is none. */
  at(name: string, key: string, timeMs: number): ShelvedModel | undefined {
    return this.#of(modelId({ name, key }), timeMs) ?? this.#of(modelId({ name, key: anyKey }), timeMs)
  }

  /** The history of the key itself; undefined: there is none that can be read. */
  history(name: string, key: string): ModelHistory | undefined {
    return this.#shelf(modelId({ name, key }))?.history
  }

  #of(id: string, timeMs: number): ShelvedModel | undefined {
    const shelf = this.#shelf(id)
    if (shelf?.history === undefined) return undefined
    const { uses, versions } = shelf.history
    for (let index = uses.length - 1; index >= 0; index--) {
      const use = uses[index]
      if (use === undefined || use.fromMs > timeMs) continue
      const version = versions.find((one) => one.version === use.version)
      const model = version && this.#model(id, shelf, version)
      if (version !== undefined && model !== undefined) return { version, model }
    }
    return undefined
  }

  #shelf(id: string): Shelf | undefined {
    const row = this.#store.get(id)
    if (row === undefined) {
      this.#shelves.delete(id)
      return undefined
    }
    const stamp = `${row.timestamp} ${row.value.length}`
    const known = this.#shelves.get(id)
    if (known?.stamp === stamp) return known
    // One that cannot be read as a whole leaves the one before in place.
    const shelf: Shelf = { stamp, history: this.#history(id, row.value) ?? known?.history, models: new Map() }
    if (this.#shelves.size >= shelvesMax) this.#shelves.clear()
    this.#shelves.set(id, shelf)
    return shelf
  }

  #history(id: string, bytes: Uint8Array): ModelHistory | undefined {
    try {
      return readModelHistory(JSON.parse(Buffer.from(bytes).toString()))
    } catch (error) {
      this.#unreadable({ model: id, error })
      return undefined
    }
  }

  #model(id: string, { models }: Shelf, version: ModelVersion): VectorModel | undefined {
    if (models.has(version.version)) return models.get(version.version)
    let model: VectorModel | undefined
    try {
      const read = readModel(version)
      if (read.kind === 'vectors') model = read.model
      else this.#unreadable({ model: id, version: version.version, kind: version.kind })
    } catch (error) {
      this.#unreadable({ model: id, version: version.version, error })
    }
    models.set(version.version, model)
    return model
  }

  #unreadable(fields: Readonly<Record<string, unknown>>): void {
    this.#metrics.counter('detection_models:unreadable').increment()
    this.#logger.warn(
      fields,
      'a model cannot be used (MODEL_UNREADABLE), the last good one stays: see millrace detect show, and roll it back',
    )
  }
}
