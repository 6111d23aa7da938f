import {
  type ComponentCorrelation,
  ComponentSeries,
  type FeatureRow,
  LogFeatures,
  type ServiceSeriesRow,
  type WindowFeatures,
} from '../../src/detection/index.ts'
import {
  type KeyValueStore,
  keyValueStore,
  type MetricCounter,
  type Processor,
  type ProcessorContext,
  type StreamRecord,
  string,
} from '../../src/index.ts'
import { type FeatureRecord, type FeatureStreamOptions, partsOf } from './feature-record.ts'

const storeName = 'features'
export const featureStore = keyValueStore({ name: storeName, key: string(), value: string() })

const windowPrefix = 'window '
const seriesPrefix = 'series '
const closedKey = 'closed'
/** Features of further components are those of the service alone. */
const componentsMax = 32
const idleLookMs = 10_000
/** Series of a service that has no logs for so many windows are forgotten. */
const windowsKept = 40

type Context = ProcessorContext<string, FeatureRecord>

/**
 * Puts the sums of all partitions together by service, and forwards the features of a window when its grace is over. What
 * it knows is in the store from commit to commit, so that another owner continues with the same results.
 */
export class FeatureProcessor implements Processor<string, FeatureRow, string, FeatureRecord> {
  readonly #options: FeatureStreamOptions
  #context!: Context
  #store!: KeyValueStore<string, string>
  #late!: MetricCounter
  #leftOut!: MetricCounter
  /** Undefined before the first record or punctuation: only then is the store restored. */
  #state: FeatureState | undefined

  constructor(options: FeatureStreamOptions) {
    this.#options = options
  }

  init(context: Context): void {
    this.#context = context
    this.#store = context.getStateStore(storeName)
    this.#late = context.metrics.counter('features_late_logs')
    this.#leftOut = context.metrics.counter('features_left_out_logs')
    const { windowMs, graceMs } = this.#options
    // Where no record comes, no time of a stream passes.
    context.schedule(idleLookMs, 'wall-clock-time', (nowMs) => {
      if (context.isCaughtUp()) this.#close(this.#loaded, nowMs - windowMs - graceMs)
    })
  }

  process({ value: row, timestamp }: StreamRecord<string, FeatureRow>): void {
    const state = this.#loaded
    if (row.startMs + this.#options.windowMs <= state.closedMs) this.#late.increment(row.count)
    else if (!state.merge(row)) this.#leftOut.increment(row.count)
    this.#close(state, timestamp - this.#options.graceMs)
  }

  beforeCommit(): void {
    this.#state?.save(this.#store)
  }

  get #loaded(): FeatureState {
    this.#state ??= new FeatureState(this.#options.windowMs, this.#store)
    return this.#state
  }

  #close(state: FeatureState, timeMs: number): void {
    for (const record of state.closeUntil(timeMs)) {
      const { windowMs, kind } = this.#options
      const value = { ...record, endMs: record.startMs + windowMs, kind }
      this.#context.forward({ key: record.service, value, timestamp: value.endMs })
    }
  }
}

type Closed = Omit<FeatureRecord, 'endMs' | 'kind'>

/** Windows that are open, and series of components. */
class FeatureState {
  /** Windows that end at this time or before it are closed. */
  closedMs = Number.NEGATIVE_INFINITY
  readonly #windowMs: number
  readonly #features: LogFeatures
  /** Components of a service and window that are open. */
  readonly #components = new Map<string, Set<string>>()
  readonly #series = new Map<string, ComponentSeries>()
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()
  #savedClosedMs = Number.NEGATIVE_INFINITY

  constructor(windowMs: number, store: KeyValueStore<string, string>) {
    this.#windowMs = windowMs
    const rows: FeatureRow[] = []
    for (const { key, value } of store.all()) {
      if (key === closedKey) this.closedMs = Number(value)
      else if (key.startsWith(windowPrefix)) rows.push(JSON.parse(value) as FeatureRow)
      else {
        const row = JSON.parse(value) as ServiceSeriesRow
        this.#series.set(key.slice(seriesPrefix.length), new ComponentSeries(windowMs, row))
      }
    }
    this.#savedClosedMs = this.closedMs
    this.#features = new LogFeatures({ windowMs }, rows)
    for (const { startMs, scope } of rows) this.#takes(startMs, scope)
  }

  /** False: it is left out. */
  merge(row: FeatureRow): boolean {
    return this.#takes(row.startMs, row.scope) && this.#features.merge(row)
  }

  closeUntil(timeMs: number): readonly Closed[] {
    if (!(timeMs > this.closedMs)) return []
    this.closedMs = timeMs
    const byService = new Map<string, { own: WindowFeatures | undefined; parts: WindowFeatures[] }>()
    for (const features of this.#features.takeEnded(timeMs)) {
      const { service, component } = partsOf(features.scope)
      const key = `${features.startMs} ${service}`
      const known = byService.get(key) ?? { own: undefined, parts: [] }
      byService.set(key, known)
      if (component === undefined) known.own = features
      else known.parts.push(features)
    }
    for (const key of this.#components.keys())
      if (Number.parseInt(key, 10) + this.#windowMs <= timeMs) this.#components.delete(key)
    const records = [...byService.values()].flatMap(({ own, parts }) => this.#recordsOf(own, parts))
    this.#forgetSeries(timeMs)
    return records
  }

  save(store: KeyValueStore<string, string>): void {
    const { rows, removed } = this.#features.takeChanges()
    for (const key of removed) store.delete(windowPrefix + key)
    for (const [key, row] of rows) store.put(windowPrefix + key, JSON.stringify(row))
    for (const service of this.#changed)
      store.put(seriesPrefix + service, JSON.stringify(this.#series.get(service)?.row()))
    for (const service of this.#removed) store.delete(seriesPrefix + service)
    this.#changed.clear()
    this.#removed.clear()
    if (this.closedMs !== this.#savedClosedMs) store.put(closedKey, String(this.closedMs))
    this.#savedClosedMs = this.closedMs
  }

  #recordsOf(own: WindowFeatures | undefined, parts: readonly WindowFeatures[]): readonly Closed[] {
    const closed = [...(own === undefined ? [] : [own]), ...parts].map(({ scope, ...features }): Closed => {
      const { service, component } = partsOf(scope)
      return { service, component, ...features }
    })
    if (own === undefined || parts.length === 0) return closed
    const correlations = this.#correlations(own, parts)
    return closed.map((record) => (record.component === undefined ? { ...record, correlations } : record))
  }

  #correlations({ scope, startMs }: WindowFeatures, parts: readonly WindowFeatures[]): readonly ComponentCorrelation[] {
    let series = this.#series.get(scope)
    if (series === undefined) this.#series.set(scope, (series = new ComponentSeries(this.#windowMs)))
    this.#changed.add(scope)
    this.#removed.delete(scope)
    return series.add(
      startMs,
      parts.map(({ scope: part, count, errorCount }) => ({
        component: partsOf(part).component ?? '',
        count,
        errorCount,
      })),
    )
  }

  #forgetSeries(timeMs: number): void {
    for (const [service, { startMs }] of this.#series) {
      if (startMs + windowsKept * this.#windowMs > timeMs) continue
      this.#series.delete(service)
      this.#changed.delete(service)
      this.#removed.add(service)
    }
  }

  #takes(startMs: number, scope: string): boolean {
    const { service, component } = partsOf(scope)
    if (component === undefined) return true
    const key = `${startMs} ${service}`
    let components = this.#components.get(key)
    if (components === undefined) this.#components.set(key, (components = new Set()))
    if (components.has(component)) return true
    if (components.size >= componentsMax) return false
    components.add(component)
    return true
  }
}
