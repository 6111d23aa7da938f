import type {
  Headers,
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  StreamRecord,
  WindowStore,
} from '../../src/index.ts'
import type { Redactor } from '../../src/pipelines/index.ts'
import type { EnrichedLog } from '../enriched-log.ts'
import { LogCounts } from '../log-counts.ts'
import { IdentifiedLog, type Identity } from './identified-log.ts'
import { Identities } from './identities.ts'
import { Occurrences, occurrencesName, occurrencesStore } from './occurrences.ts'

export interface IdentifySettings {
  readonly by: 'id' | 'content'
  readonly deliveryMs: number
  readonly redactor: Redactor
  /** The operator that drops duplicates. */
  readonly passedTo: string
  /** The node that takes what was dropped; undefined: there is none. */
  readonly droppedTo: string | undefined
}

/** Tells logs from each other, and says what became of those that did not come through the operator behind it. */
export function identifyProcessor(
  settings: IdentifySettings,
): ProcessorSupplier<string, EnrichedLog, string, IdentifiedLog> {
  const stores = settings.by === 'content' ? [occurrencesStore(settings.deliveryMs)] : []
  return { create: () => new IdentifyProcessor(settings), stores }
}

class IdentifyProcessor implements Processor<string, EnrichedLog, string, IdentifiedLog> {
  readonly #settings: IdentifySettings
  #context!: ProcessorContext<string, IdentifiedLog>
  #identities!: Identities
  #counts!: LogCounts

  constructor(settings: IdentifySettings) {
    this.#settings = settings
  }

  init(context: ProcessorContext<string, IdentifiedLog>): void {
    const { by, deliveryMs, redactor } = this.#settings
    this.#context = context
    this.#counts = new LogCounts(context.metrics, redactor)
    if (by === 'id') this.#identities = new Identities(undefined)
    else {
      const store = context.getStateStore<WindowStore<string, number>>(occurrencesName)
      this.#identities = new Identities(new Occurrences(store, deliveryMs))
    }
  }

  process({ key, value: log, timestamp, headers }: StreamRecord<string, EnrichedLog>): void {
    const identity = this.#identities.of(key, log)
    const value = new IdentifiedLog(log, identity)
    this.#context.forward({ key, value, timestamp, headers }, this.#settings.passedTo)
    // The operator and all behind it have run: it drops without a word to others.
    if (identity !== undefined && !value.hasPassed) this.#dropped({ key, value, timestamp, headers }, identity)
  }

  #dropped(record: StreamRecord<string, IdentifiedLog>, { by }: Identity): void {
    const { droppedTo } = this.#settings
    const { partition = 0 } = this.#context.recordMetadata() ?? {}
    const key = record.key as string | null
    this.#counts.removed('dedupe', by, { source: key ?? String(partition) })
    if (droppedTo === undefined) return
    const headers = [...record.headers, ...this.#origin(record.value.log, by)]
    this.#context.forward({ ...record, headers }, droppedTo)
  }

  /** What the log would be as a document, and why it is none. */
  #origin({ documentId }: EnrichedLog, by: Identity['by']): Headers {
    const { topic = '', partition = 0, offset = 0 } = this.#context.recordMetadata() ?? {}
    return [
      { key: 'document-id', value: Buffer.from(documentId ?? `${topic}-${partition}-${offset}`) },
      { key: 'duplicate-by', value: Buffer.from(by) },
    ]
  }
}
