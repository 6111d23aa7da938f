import type { EnrichedLog, LogError, LogLevel, LogRecord } from '../schemas/log-record.ts'
import type { FixedKeyProcessor, FixedKeyProcessorContext, FixedKeyProcessorSupplier, Record } from '../src/index.ts'
import { classify, priorityOf, tagsOf } from './classification.ts'
import { isUsable, structuredTime } from './event-time.ts'
import { checkTypes, type InputPolicy, refuse } from './input-policy.ts'
import type { LogInput } from './log-input.ts'
import { parseLevel } from './parsing/level.ts'
import { createLineParser, type LineParser } from './parsing/text-line.ts'
import { redact } from './redaction.ts'

/** Where an address lies; undefined where the database does not know it. */
export type GeoLookup = (ip: string) => { readonly country: string; readonly city: string | undefined } | undefined

export interface EnrichmentSettings {
  readonly policy: InputPolicy
  readonly geo: GeoLookup | undefined
}

/**
 * Turns an input into an enriched record and moves the record to the event's time. What it refuses, it throws (codes of
 * the input policy); the processing handler makes it a dead letter.
 */
export function enrichmentProcessor(
  settings: EnrichmentSettings,
): FixedKeyProcessorSupplier<string, LogInput, EnrichedLog> {
  return { create: () => new EnrichmentProcessor(settings) }
}

class EnrichmentProcessor implements FixedKeyProcessor<string, LogInput, EnrichedLog> {
  readonly #settings: EnrichmentSettings
  readonly #lines: LineParser = createLineParser()
  #context!: FixedKeyProcessorContext<string, EnrichedLog>

  constructor(settings: EnrichmentSettings) {
    this.#settings = settings
  }

  init(context: FixedKeyProcessorContext<string, EnrichedLog>): void {
    this.#context = context
  }

  process(record: Record<string, LogInput>): void {
    const { key, value, timestamp } = record
    const { policy } = this.#settings
    // Kafka may hold null for both, whatever the types say.
    if ((value as LogInput | null) === null) throw refuse('NULL_VALUE', 'the log record has no value')
    if ((key as string | null) === null && !policy.accept.includes('null-key'))
      throw refuse('NULL_KEY', 'the log record has no key')
    const topic = this.#context.recordMetadata()?.topic ?? ''
    if (value.kind === 'text') {
      const { format, record: parsed } = this.#lines.parse(value.line, timestamp)
      const eventMs = typeof parsed.timestamp === 'number' ? parsed.timestamp : timestamp
      const timed = { ...parsed, timeSource: typeof parsed.timestamp === 'number' ? 'event' : 'kafka' }
      const enriched = this.#enrich(topic, timed, eventMs, [`format:${format}`])
      const recordMs = isUsable(eventMs, timestamp, policy) ? eventMs : timestamp
      this.#context.forward({ ...record, value: enriched, timestamp: recordMs })
      return
    }
    checkTypes(value.record)
    const eventMs = structuredTime(value.record.timestamp, timestamp, policy)
    const enriched = this.#enrich(topic, value.record, eventMs, [])
    this.#context.forward({ ...record, value: enriched, timestamp: eventMs })
  }

  #enrich(topic: string, record: LogRecord, eventMs: number, moreTags: readonly string[]): EnrichedLog {
    const level: LogLevel = parseLevel(record.level) ?? 'info'
    const message = redact(record.message ?? '')
    const errorMessage = record.error?.message ? redact(record.error.message) : undefined
    const found = errorMessage === undefined ? message.found : [...message.found, ...errorMessage.found]
    const geo = record.ip && this.#settings.geo ? this.#settings.geo(record.ip) : undefined
    const tags = tagsOf(level, record, found)
    const enriched: EnrichedLog & { error?: LogError | null; geo?: ReturnType<GeoLookup> } = {
      ...record,
      timestamp: eventMs,
      level,
      message: message.text,
      service: record.service ?? record.component ?? 'unknown',
      dataClass: classify(topic, record, found),
      tags: moreTags.length === 0 ? tags : [...tags, ...moreTags],
      priority: priorityOf(level, record),
    }
    // Nobody else has it yet. A spread of what is mostly empty costs as much as that of the record.
    if (errorMessage !== undefined) enriched.error = redactedError(record.error, errorMessage.text)
    if (geo !== undefined) enriched.geo = geo
    return enriched
  }
}

function redactedError(error: LogError | null | undefined, message: string): LogError {
  return error?.stack ? { ...error, message, stack: redact(error.stack).text } : { ...error, message }
}
