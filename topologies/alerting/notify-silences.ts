import { type ActiveSilence, compileSilence, isSilence, type Silence } from '../../src/alerts/index.ts'
import type { Logger, ProcessorMetrics, ReadOnlyKeyValueStore, ValueAndTimestamp } from '../../src/index.ts'

/** How long a look at the table is good for. */
const goodForMs = 1000

/** The silences of the table, each compiled once. A row that cannot be read silences nothing, and is counted. */
export class SilenceTable {
  readonly #store: ReadOnlyKeyValueStore<string, ValueAndTimestamp<string>>
  readonly #metrics: ProcessorMetrics
  readonly #logger: Logger
  #compiled = new Map<string, ActiveSilence | undefined>()
  #current: readonly ActiveSilence[] = []
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(
    store: ReadOnlyKeyValueStore<string, ValueAndTimestamp<string>>,
    metrics: ProcessorMetrics,
    logger: Logger,
  ) {
    this.#store = store
    this.#metrics = metrics
    this.#logger = logger
  }

  /** Those that are not over. */
  at(nowMs: number): readonly ActiveSilence[] {
    if (Math.abs(nowMs - this.#lookedMs) >= goodForMs) this.#look(nowMs)
    return this.#current
  }

  #look(nowMs: number): void {
    const compiled = new Map<string, ActiveSilence | undefined>()
    for (const { key, value: row } of this.#store.all()) {
      const text = row.value
      compiled.set(text, this.#compiled.has(text) ? this.#compiled.get(text) : this.#compile(key, text))
    }
    this.#compiled = compiled
    this.#current = [...compiled.values()].filter(
      (one) => one !== undefined && one.silence.endMs > nowMs,
    ) as ActiveSilence[]
    this.#lookedMs = nowMs
    this.#metrics.gauge('alert_silences').set(this.#current.length)
  }

  #compile(id: string, text: string): ActiveSilence | undefined {
    const silence = readSilence(text)
    if (silence !== undefined) return compileSilence(silence)
    this.#metrics.counter('alert_silence:unreadable').increment()
    this.#logger.warn(
      { id },
      'a silence cannot be read, and silences nothing: delete it with millrace alerts unsilence',
    )
    return undefined
  }
}

function readSilence(text: string): Silence | undefined {
  try {
    const silence: unknown = JSON.parse(text)
    return isSilence(silence) ? silence : undefined
  } catch {
    return undefined
  }
}
