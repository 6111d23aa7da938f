import { type Alert, alert } from '../schemas/alert.ts'
import {
  json,
  type KeyValueStore,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  string,
  type Windowed,
} from '../src/index.ts'
import { type BurnSettings, type BurnState, emptyBurn, findBurn, putWindow } from './burn-rate.ts'
import { errorsOf, type RateCounts, totalOf } from './rate-counts.ts'

const storeName = 'burn'

/** Keeps the last windows of each service and forwards an alert while its error budget burns too fast. */
export function burnRateProcessor(
  settings: BurnSettings,
): ProcessorSupplier<Windowed<string>, RateCounts, string, Alert> {
  const store = keyValueStore({ name: storeName, key: string(), value: json<BurnState>() })
  return { create: () => new BurnRateProcessor(settings), stores: [store] }
}

class BurnRateProcessor implements Processor<Windowed<string>, RateCounts, string, Alert> {
  readonly #settings: BurnSettings
  #context!: ProcessorContext<string, Alert>
  #states!: KeyValueStore<string, BurnState>

  constructor(settings: BurnSettings) {
    this.#settings = settings
  }

  init(context: ProcessorContext<string, Alert>): void {
    this.#context = context
    this.#states = context.getStateStore<KeyValueStore<string, BurnState>>(storeName)
  }

  process({ key: windowed, value: counts, timestamp, headers }: StreamRecord<Windowed<string>, RateCounts>): void {
    const { key, window } = windowed
    const before = this.#states.get(key) ?? emptyBurn
    const state = putWindow(before, [window.startMs, totalOf(counts), errorsOf(counts)], this.#settings)
    this.#states.put(key, state)
    const finding = findBurn(state, this.#settings)
    if (finding === undefined) return
    const { rule, longBurn, shortBurn } = finding
    const summary = `${key} burns its error budget ${shortBurn.toFixed(1)} times too fast`
    const value = alert('burn-rate', key, rule.severity, window.startMs, summary, { longBurn, shortBurn })
    this.#context.forward({ key, value, timestamp, headers })
  }
}
