import type { DataClass, LogLevel } from '../schemas/log-record.ts'
import { type NoiseCount, NoiseFilter } from '../src/detection/index.ts'
import {
  type KeyValueStore,
  keyValueStore,
  type KStream,
  minutes,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  seconds,
  type StreamRecord,
  string,
} from '../src/index.ts'
import { newFields, type Redactor } from '../src/pipelines/index.ts'
import { EnrichedLog } from './enriched-log.ts'
import { LogCounts } from './log-counts.ts'
import { LogReader } from './log-reader.ts'

/** How much of what repeats becomes documents. */
export interface NoiseSettings {
  /** So many lines of a template of a service are written per minute; of further ones, one in a hundred. */
  readonly linesPerMinute: number
  readonly redactor: Redactor
}

/** What a summary says of the last line that was removed. */
interface Said {
  readonly key: string | null
  readonly documentId: string
  readonly receivedMs: number
  readonly level: LogLevel
  readonly dataClass: DataClass
  readonly priority: number
  readonly component: string | undefined
  readonly host: string | undefined
}

const storeName = 'noise'
const windowMs = minutes(1)
/** How long lines of a window are waited for. */
const graceMs = seconds(30)
const endEveryMs = seconds(10)

/**
 * Leaves out most lines of templates that repeat, and sums them up in one log for each window. Errors pass, and so do logs
 * without a template.
 */
export function noise(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  settings: NoiseSettings,
): KStream<string, EnrichedLog, boolean, boolean> {
  const supplier: ProcessorSupplier<string, EnrichedLog, string, EnrichedLog> = {
    create: () => new NoiseProcessor(settings),
    stores: [keyValueStore({ name: storeName, key: string(), value: string() })],
  }
  return logs.process(supplier, { name: 'noise' })
}

class NoiseProcessor implements Processor<string, EnrichedLog, string, EnrichedLog> {
  readonly #settings: NoiseSettings
  readonly #reader: LogReader
  #context!: ProcessorContext<string, EnrichedLog>
  #store!: KeyValueStore<string, string>
  #counts!: LogCounts
  /** Undefined before the first record or punctuation: only then is the store restored. */
  #loaded: NoiseFilter<Said> | undefined

  constructor(settings: NoiseSettings) {
    this.#settings = settings
    this.#reader = new LogReader(settings.redactor)
  }

  init(context: ProcessorContext<string, EnrichedLog>): void {
    this.#context = context
    this.#store = context.getStateStore(storeName)
    this.#counts = new LogCounts(context.metrics, this.#settings.redactor)
    context.schedule(endEveryMs, 'stream-time', (timeMs) => this.#end(timeMs - graceMs))
    // Where no record comes, no time of a stream passes.
    context.schedule(endEveryMs, 'wall-clock-time', (nowMs) => {
      if (context.isCaughtUp()) this.#end(nowMs - windowMs - graceMs)
    })
  }

  process(record: StreamRecord<string, EnrichedLog>): void {
    const { value: log, key } = record
    const { template, service, timestamp } = log
    const isCounted = template !== undefined && log.level !== 'error' && log.level !== 'critical'
    const sample = () => this.#saidOf(key, log)
    if (!isCounted || this.#filter.passes({ template, scope: service, timestamp, sample }))
      this.#context.forward(record)
    else this.#counts.removed('noise', service, { source: service })
  }

  beforeCommit(): void {
    if (this.#loaded === undefined) return
    const { rows, removed } = this.#loaded.takeChanges()
    for (const key of removed) this.#store.delete(key)
    for (const [key, count] of rows) this.#store.put(key, JSON.stringify(count))
  }

  get #filter(): NoiseFilter<Said> {
    this.#loaded ??= new NoiseFilter({ windowMs, lines: this.#settings.linesPerMinute }, countsOf(this.#store))
    return this.#loaded
  }

  #saidOf(key: string | null, log: EnrichedLog): Said {
    const { topic = '', partition = 0, offset = 0 } = this.#context.recordMetadata() ?? {}
    const documentId = log.documentId ?? `${topic}-${partition}-${offset}`
    const { receivedMs, level, dataClass, priority, component, host } = log
    return { key, documentId, receivedMs, level, dataClass, priority, component, host }
  }

  #end(timeMs: number): void {
    for (const count of this.#filter.takeEnded(timeMs)) {
      const { sample } = count
      if (sample === undefined) continue
      const value = this.#summaryOf(count, sample)
      // Kafka may hold null for keys, whatever the types say.
      this.#context.forward({ key: sample.key as string, value, timestamp: count.lastMs })
    }
  }

  #summaryOf({ template, scope, lines, removed, firstMs, lastMs }: NoiseCount<Said>, said: Said): EnrichedLog {
    const { documentId, receivedMs, level, dataClass, priority, component, host } = said
    const message = `${removed} of ${lines} lines were left out: ${template.text}`
    const fields = Object.assign(newFields(), { timestamp: lastMs, level, service: scope, message })
    if (component !== undefined) fields.component = component
    if (host !== undefined) fields.host = host
    Object.assign(fields, { repeated: removed, firstTimestamp: firstMs })
    const summary = new EnrichedLog(this.#reader.of(fields), {
      timestamp: lastMs,
      receivedMs,
      documentId: `${documentId}+noise`,
      originalTimestamp: undefined,
      level,
      message,
      service: scope,
      dataClass,
      tags: ['_noise'],
      priority,
      geo: undefined,
    })
    summary.hasTemplate(template)
    return summary
  }
}

function countsOf(store: KeyValueStore<string, string>): readonly NoiseCount<Said>[] {
  return Array.from(store.all(), ({ value }) => JSON.parse(value) as NoiseCount<Said>)
}
