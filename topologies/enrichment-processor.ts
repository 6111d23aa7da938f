import type { Geo, LogLevel } from '../schemas/log-record.ts'
import type {
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  FixedKeyProcessorSupplier,
  StreamRecord,
} from '../src/index.ts'
import { levelOf, type LogEvent, type Pipeline, type Redactor } from '../src/pipelines/index.ts'
import { classify, priorityOf, tagsOf } from './classification.ts'
import { EnrichedLog } from './enriched-log.ts'
import { isUsable, refuseTime } from './event-time.ts'
import { EventLogs } from './event-logs.ts'
import { type InputPolicy, refuse } from './input-policy.ts'
import { JsonLog } from './json-log.ts'
import { LogCounts } from './log-counts.ts'
import type { LogInput } from './log-input.ts'

/** Where an address lies; undefined where the database does not know it. */
export type GeoLookup = (ip: string) => Geo | undefined

const nothing: readonly string[] = []

export interface EnrichmentSettings {
  /** Reads what is not in the fleet's own shape. */
  readonly pipeline: Pipeline
  readonly redactor: Redactor
  readonly policy: InputPolicy
  readonly geo: GeoLookup | undefined
}

/**
 * Turns an input into enriched logs and moves their records to the event's time. What it refuses, it throws (codes of the
 * input policy); the processing handler makes it a dead letter.
 */
export function enrichmentProcessor(
  settings: EnrichmentSettings,
): FixedKeyProcessorSupplier<string, LogInput, EnrichedLog> {
  return { create: () => new EnrichmentProcessor(settings) }
}

class EnrichmentProcessor implements FixedKeyProcessor<string, LogInput, EnrichedLog> {
  readonly #settings: EnrichmentSettings
  #logs!: EventLogs
  #context!: FixedKeyProcessorContext<string, EnrichedLog>
  #counts!: LogCounts

  constructor(settings: EnrichmentSettings) {
    this.#settings = settings
  }

  init(context: FixedKeyProcessorContext<string, EnrichedLog>): void {
    this.#context = context
    this.#counts = new LogCounts(context.metrics)
    this.#logs = new EventLogs(this.#settings.pipeline, this.#settings.policy, this.#settings.redactor, this.#counts)
  }

  process(record: StreamRecord<string, LogInput>): void {
    const { value, timestamp } = record
    const key = record.key as string | null
    // Kafka may hold null for both, whatever the types say.
    if ((value as LogInput | null) === null) throw refuse('NULL_VALUE', 'the log record has no value')
    if (key === null && this.#settings.policy.refuse.includes('null-key'))
      throw refuse('NULL_KEY', 'the log record has no key')
    if (value instanceof JsonLog) {
      this.#forward(record, value, value.timestamp as number, nothing)
      return
    }
    const source = key ?? String(this.#context.recordMetadata()?.partition)
    const events = this.#logs.read(value, timestamp, source)
    if (events === undefined) throw refuse('UNREADABLE', 'the value of a log record is neither text nor Avro')
    for (const event of events) this.#forwardEvent(record, event)
  }

  #forwardEvent(record: StreamRecord<string, LogInput>, event: LogEvent): void {
    const { log, eventMs, failure } = this.#logs.logOf(event)
    if (failure !== undefined) this.#counts.addFailure(failure, event.source)
    this.#forward(record, log, eventMs, event.tags)
  }

  /** `eventMs` is NaN where the log has no time of its own. */
  #forward(record: StreamRecord<string, LogInput>, log: JsonLog, eventMs: number, moreTags: readonly string[]): void {
    const { policy } = this.#settings
    const receivedMs = record.timestamp
    const isOwnTime = isUsable(eventMs, receivedMs, policy)
    if (!isOwnTime) refuseTime(eventMs, policy)
    const timestamp = isOwnTime ? eventMs : receivedMs
    const tags = isOwnTime || Number.isNaN(eventMs) ? moreTags : [...moreTags, '_time_out_of_range']
    const originalTimestamp = isOwnTime || Number.isNaN(eventMs) ? undefined : eventMs
    const value = this.#enrich(log, timestamp, originalTimestamp, tags)
    this.#context.forward({ ...record, value, timestamp })
  }

  #enrich(
    log: JsonLog,
    timestamp: number,
    originalTimestamp: number | undefined,
    moreTags: readonly string[],
  ): EnrichedLog {
    const topic = this.#context.recordMetadata()?.topic ?? ''
    const level: LogLevel = (log.level === undefined ? undefined : levelOf(log.level)) ?? 'info'
    const found = log.redacted
    const tags = tagsOf(level, log, found)
    const ownTags = log.tags
    this.#counts.add(level, log.component ?? 'none')
    return new EnrichedLog(log, {
      timestamp,
      originalTimestamp,
      level,
      message: log.message ?? '',
      service: log.service ?? log.component ?? 'unknown',
      dataClass: classify(topic, log, found),
      tags: moreTags.length + ownTags.length === 0 ? tags : [...new Set([...ownTags, ...tags, ...moreTags])],
      priority: priorityOf(level, log),
      geo: log.ip && this.#settings.geo ? this.#settings.geo(log.ip) : undefined,
    })
  }
}
