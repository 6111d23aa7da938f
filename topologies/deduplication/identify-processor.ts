import {
  type Headers,
  minutes,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  type WindowStore,
} from '../../src/index.ts'
import type { Redactor } from '../../src/pipelines/index.ts'
import type { EnrichedLog } from '../enriched-log.ts'
import { LogCounts } from '../log-counts.ts'
import { IdentifiedLog, type Identity } from './identified-log.ts'
import { Identities } from './identities.ts'
import { Occurrences, occurrencesName, occurrencesStore } from './occurrences.ts'
import { RepeatedErrors, repeatedErrorsName, repeatedErrorsStore } from './repeated-errors.ts'

/** How often errors that were dropped are summed up. */
const summaryEveryMs = minutes(1)

export interface IdentifySettings {
  readonly by: 'id' | 'content'
  readonly deliveryMs: number
  readonly redactor: Redactor
  /** The operator that drops duplicates. */
  readonly passedTo: string
  /** The node that takes what was dropped; undefined: there is none. */
  readonly droppedTo: string | undefined
  /** The node that takes the logs which sum up the errors that were dropped. */
  readonly summedUpTo: string
}

/** Tells logs from each other, and says what became of those that did not come through the operator behind it. */
export function identifyProcessor(
  settings: IdentifySettings,
): ProcessorSupplier<string, EnrichedLog, string, IdentifiedLog> {
  const stores = [repeatedErrorsStore()]
  if (settings.by === 'content') stores.push(occurrencesStore(settings.deliveryMs))
  return { create: () => new IdentifyProcessor(settings), stores }
}

class IdentifyProcessor implements Processor<string, EnrichedLog, string, IdentifiedLog> {
  readonly #settings: IdentifySettings
  #context!: ProcessorContext<string, IdentifiedLog>
  #identities!: Identities
  #counts!: LogCounts
  #errors!: RepeatedErrors

  constructor(settings: IdentifySettings) {
    this.#settings = settings
  }

  init(context: ProcessorContext<string, IdentifiedLog>): void {
    const { by, deliveryMs, redactor } = this.#settings
    this.#context = context
    this.#counts = new LogCounts(context.metrics, redactor)
    this.#errors = new RepeatedErrors(context.getStateStore(repeatedErrorsName), redactor)
    context.schedule(summaryEveryMs, 'wall-clock-time', (nowMs) => this.#sumUp(nowMs))
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

  beforeCommit(): void {
    this.#errors.save()
  }

  #dropped(record: StreamRecord<string, IdentifiedLog>, { by }: Identity): void {
    const { droppedTo } = this.#settings
    const { log } = record.value
    const key = record.key as string | null
    const { topic = '', partition = 0, offset = 0 } = this.#context.recordMetadata() ?? {}
    const documentId = log.documentId ?? `${topic}-${partition}-${offset}`
    const nowMs = this.#context.currentSystemTimeMs()
    this.#counts.removed('dedupe', by, { source: key ?? String(partition) })
    this.#errors.load(nowMs)
    this.#errors.add(key, log, documentId, nowMs)
    if (droppedTo === undefined) return
    const headers = [...record.headers, ...duplicateHeaders(documentId, by)]
    this.#context.forward({ ...record, headers }, droppedTo)
  }

  #sumUp(nowMs: number): void {
    this.#errors.load(nowMs)
    for (const { key, log } of this.#errors.takeSummaries()) {
      // Kafka may hold null for keys, whatever the types say.
      const record = { key: key as string, value: new IdentifiedLog(log, undefined), timestamp: log.timestamp }
      this.#context.forward(record, this.#settings.summedUpTo)
    }
  }
}

/** What the log would be as a document, and why it is none. */
function duplicateHeaders(documentId: string, by: Identity['by']): Headers {
  return [
    { key: 'document-id', value: Buffer.from(documentId) },
    { key: 'duplicate-by', value: Buffer.from(by) },
  ]
}
