import type { LogError } from '../schemas/log-fields.ts'
import type { Geo, LogLevel } from '../schemas/log-record.ts'
import type {
  FixedKeyProcessor,
  FixedKeyProcessorContext,
  FixedKeyProcessorSupplier,
  StreamRecord,
} from '../src/index.ts'
import { classify, priorityOf, tagsOf } from './classification.ts'
import { EnrichedLog } from './enriched-log.ts'
import { isUsable, structuredTime } from './event-time.ts'
import { type InputPolicy, refuse } from './input-policy.ts'
import type { JsonLog } from './json-log.ts'
import { LogCounts } from './log-counts.ts'
import type { LogInput } from './log-input.ts'
import { LogReader } from './log-reader.ts'
import { parseLevel } from './parsing/level.ts'
import { createLineParser, type LineParser } from './parsing/text-line.ts'
import { redact } from './redaction.ts'

/** Where an address lies; undefined where the database does not know it. */
export type GeoLookup = (ip: string) => Geo | undefined

const noTags: readonly string[] = []

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
  readonly #reader = new LogReader()
  #context!: FixedKeyProcessorContext<string, EnrichedLog>
  #counts!: LogCounts

  constructor(settings: EnrichmentSettings) {
    this.#settings = settings
  }

  init(context: FixedKeyProcessorContext<string, EnrichedLog>): void {
    this.#context = context
    this.#counts = new LogCounts(context.metrics)
  }

  process(record: StreamRecord<string, LogInput>): void {
    const { key, value, timestamp } = record
    const { policy } = this.#settings
    // Kafka may hold null for both, whatever the types say.
    if ((value as LogInput | null) === null) throw refuse('NULL_VALUE', 'the log record has no value')
    if ((key as string | null) === null && !policy.accept.includes('null-key'))
      throw refuse('NULL_KEY', 'the log record has no key')
    if (typeof value === 'string') {
      const { format, record: parsed } = this.#lines.parse(value, timestamp)
      const eventMs = typeof parsed.timestamp === 'number' ? parsed.timestamp : timestamp
      const log = this.#reader.of({ ...parsed, timeSource: typeof parsed.timestamp === 'number' ? 'event' : 'kafka' })
      const enriched = this.#enrich(log, eventMs, [`format:${format}`])
      const recordMs = isUsable(eventMs, timestamp, policy) ? eventMs : timestamp
      this.#context.forward({ ...record, value: enriched, timestamp: recordMs })
      return
    }
    const eventMs = structuredTime(value.timestamp, timestamp, policy)
    this.#context.forward({ ...record, value: this.#enrich(value, eventMs, noTags), timestamp: eventMs })
  }

  #enrich(log: JsonLog, eventMs: number, moreTags: readonly string[]): EnrichedLog {
    const topic = this.#context.recordMetadata()?.topic ?? ''
    const level: LogLevel = parseLevel(log.level) ?? 'info'
    const message = redact(log.message ?? '')
    const error = log.error === undefined ? undefined : redactedError(log.error)
    const found = error === undefined ? message.found : [...message.found, ...error.found]
    const tags = tagsOf(level, log, found)
    this.#counts.add(level, log.component ?? 'none')
    return new EnrichedLog(log, {
      timestamp: eventMs,
      level,
      message: message.text,
      service: log.service ?? log.component ?? 'unknown',
      dataClass: classify(topic, log, found),
      tags: moreTags.length === 0 ? tags : [...tags, ...moreTags],
      priority: priorityOf(level, log),
      error: error?.error,
      geo: log.ip && this.#settings.geo ? this.#settings.geo(log.ip) : undefined,
    })
  }
}

/** Undefined where neither message nor stack hold anything. */
function redactedError(error: LogError): { readonly error: LogError; readonly found: readonly string[] } | undefined {
  const message = redact(textOf(error.message))
  const stack = redact(textOf(error.stack))
  if (message.found.length + stack.found.length === 0) return undefined
  return {
    error: {
      ...error,
      ...(message.found.length === 0 ? {} : { message: message.text }),
      ...(stack.found.length === 0 ? {} : { stack: stack.text }),
    },
    found: [...message.found, ...stack.found],
  }
}

/** Whatever the types say: what stands inside of a field is not checked. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
