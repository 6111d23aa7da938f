import type { Geo, LogLevel } from '../schemas/log-record.ts'
import {
  type KeyValueStore,
  keyValueStore,
  type Processor,
  type ProcessorContext,
  type ProcessorSupplier,
  type StreamRecord,
  string,
} from '../src/index.ts'
import { type FieldValue, levelOf, LogEvent, type Pipeline, type Redactor, unreadMask } from '../src/pipelines/index.ts'
import { classify, priorityOf, tagsOf } from './classification.ts'
import { EnrichedLog } from './enriched-log.ts'
import { isUsable, readEventTime, refuseTime } from './event-time.ts'
import { isCodeName } from './code-names.ts'
import { EventLogs } from './event-logs.ts'
import { type InputPolicy, refuse } from './input-policy.ts'
import type { EventOfRecord } from './joining/held-event.ts'
import { LineJoiner, type WholeRecord } from './joining/line-joiner.ts'
import { JsonLog } from './json-log.ts'
import { LogCounts } from './log-counts.ts'
import type { LogInput } from './log-input.ts'
import { SourceClocks } from './source-clocks.ts'

/** Where an address lies; undefined where the database does not know it. */
export type GeoLookup = (ip: string) => Geo | undefined

const nothing: readonly string[] = []
const storeName = 'held-lines'
/** A trace is larger than what topics take by default: without it, a crash would lose the trace. */
const changelog = { 'max.message.bytes': String(8 * 1024 * 1024) }
/** How often is looked for what has waited long enough. */
const expireEveryMs = 1000

export interface EnrichmentSettings {
  /** Reads what is not in the fleet's own shape. */
  readonly pipeline: Pipeline
  readonly redactor: Redactor
  readonly policy: InputPolicy
  readonly geo: GeoLookup | undefined
}

/**
 * Turns an input into enriched logs and moves their records to the event's time. Lines of a trace wait for each other. What
 * it refuses, it throws (codes of the input policy); the processing handler makes it a dead letter.
 */
export function enrichmentProcessor(
  settings: EnrichmentSettings,
): ProcessorSupplier<string, LogInput, string, EnrichedLog> {
  if (settings.pipeline.definition.joinLines === false) return { create: () => new EnrichmentProcessor(settings) }
  const store = keyValueStore({ name: storeName, key: string(), value: string(), changelog })
  return { create: () => new EnrichmentProcessor(settings), stores: [store] }
}

class EnrichmentProcessor implements Processor<string, LogInput, string, EnrichedLog> {
  readonly #settings: EnrichmentSettings
  #logs!: EventLogs
  #joiner: LineJoiner | undefined
  #context!: ProcessorContext<string, EnrichedLog>
  #counts!: LogCounts
  #clocks!: SourceClocks

  constructor(settings: EnrichmentSettings) {
    this.#settings = settings
  }

  init(context: ProcessorContext<string, EnrichedLog>): void {
    const { pipeline, policy, redactor } = this.#settings
    this.#context = context
    this.#counts = new LogCounts(context.metrics, redactor)
    this.#clocks = new SourceClocks(policy.clockToleranceMs, () => context.currentSystemTimeMs())
    this.#logs = new EventLogs(pipeline, policy, redactor, this.#counts)
    if (pipeline.definition.joinLines === false) return
    const store = context.getStateStore<KeyValueStore<string, string>>(storeName)
    const joiner = new LineJoiner(store, (event) => this.#forwardEvent(event))
    this.#joiner = joiner
    context.schedule(expireEveryMs, 'wall-clock-time', (nowMs) => this.#expire(joiner, nowMs))
  }

  process(record: StreamRecord<string, LogInput>): void {
    const { value, timestamp } = record
    const key = record.key as string | null
    // Kafka may hold null for both, whatever the types say.
    if ((value as LogInput | null) === null) throw refuse('NULL_VALUE', 'the log record has no value')
    if (key === null && this.#settings.policy.refuse.includes('null-key'))
      throw refuse('NULL_KEY', 'the log record has no key')
    if (value instanceof JsonLog) {
      this.#checkTime(value.timestamp, timestamp)
      this.#forward(record, value, value.timestamp as number, nothing, undefined)
      return
    }
    const { topic = '', partition = 0, offset = 0 } = this.#context.recordMetadata() ?? {}
    const source = key ?? String(partition)
    const id = `${topic}-${partition}-${offset}`
    this.#read({ bytes: value, id, key: record.key, topic, timestamp, headers: record.headers, source })
  }

  beforeCommit(): void {
    this.#joiner?.save()
  }

  #read(record: WholeRecord): void {
    const joiner = this.#joiner
    const nowMs = joiner === undefined ? 0 : this.#context.currentSystemTimeMs()
    joiner?.load(nowMs)
    const whole = joiner === undefined ? record : joiner.whole(record, nowMs)
    if (whole === undefined) return
    const events = this.#eventsOf(whole)
    if (events === undefined) throw refuse('UNREADABLE', 'the value of a log record is neither text nor Avro')
    for (const event of events) {
      this.#checkTime(event.event.fields.timestamp, event.timestamp)
      if (joiner === undefined) this.#forwardEvent(event)
      else joiner.add(event, nowMs)
    }
  }

  #eventsOf({ bytes, id, key, topic, timestamp, headers, source }: WholeRecord): readonly EventOfRecord[] | undefined {
    const events = this.#logs.read(bytes, timestamp, source)
    return events?.map((event, index) => {
      return { event, id: index === 0 ? id : `${id}-${index}`, key, topic, timestamp, headers }
    })
  }

  #expire(joiner: LineJoiner, nowMs: number): void {
    joiner.load(nowMs)
    for (const whole of joiner.expire(nowMs)) {
      for (const event of this.#eventsOf(whole) ?? [unreadEvent(whole)]) this.#forwardEvent(event)
    }
  }

  /** While its record is the current one: an event that is held comes out later. */
  #checkTime(time: FieldValue | undefined, kafkaMs: number): void {
    const { policy } = this.#settings
    if (policy.refuse.length === 0) return
    const eventMs = readEventTime(time, kafkaMs)
    if (!isUsable(eventMs, kafkaMs, policy)) refuseTime(eventMs, policy)
  }

  #forwardEvent({ event, id, key, topic, timestamp, headers }: EventOfRecord): void {
    const { log, eventMs, failure } = this.#logs.logOf(event)
    if (failure !== undefined) this.#counts.addFailure(failure, event.source)
    this.#forward({ key, timestamp, headers }, log, eventMs, event.tags, { id, topic })
  }

  /** `eventMs` is NaN where the log has no time of its own. */
  #forward(
    record: Pick<StreamRecord<string, unknown>, 'key' | 'timestamp' | 'headers'>,
    log: JsonLog,
    eventMs: number,
    moreTags: readonly string[],
    origin: Origin | undefined,
  ): void {
    const { key, headers } = record
    if (log.redacted.includes(unreadMask)) this.#counts.addUnread(this.#sourceOf(key))
    const receivedMs = this.#clocks.received(log.host ?? log.hostname ?? key ?? '', record.timestamp)
    const isOwnTime = isUsable(eventMs, receivedMs, this.#settings.policy)
    const timestamp = isOwnTime ? eventMs : receivedMs
    const windowMs = isOwnTime ? this.#clocks.ofEvent(eventMs, receivedMs) : this.#clocks.withoutTime(receivedMs)
    const tags = isOwnTime || Number.isNaN(eventMs) ? moreTags : [...moreTags, '_time_out_of_range']
    const originalTimestamp = isOwnTime || Number.isNaN(eventMs) ? undefined : eventMs
    const value = this.#enrich(log, { timestamp, receivedMs, originalTimestamp }, tags, origin)
    this.#context.forward({ key, value, timestamp: windowMs, headers })
  }

  /** What lines of one origin share. */
  #sourceOf(key: string | null): string {
    return key ?? String(this.#context.recordMetadata()?.partition ?? 0)
  }

  #enrich(
    log: JsonLog,
    times: Pick<EnrichedLog, 'timestamp' | 'receivedMs' | 'originalTimestamp'>,
    moreTags: readonly string[],
    origin: Origin | undefined,
  ): EnrichedLog {
    const topic = origin?.topic ?? this.#context.recordMetadata()?.topic ?? ''
    const level: LogLevel = (log.level === undefined ? undefined : levelOf(log.level)) ?? 'info'
    const found = log.redacted
    const tags = tagsOf(level, log, found)
    const ownTags = log.tags
    this.#counts.add(level, log.component ?? 'none')
    return new EnrichedLog(log, {
      timestamp: times.timestamp,
      receivedMs: times.receivedMs,
      documentId: origin?.id,
      originalTimestamp: times.originalTimestamp,
      level,
      message: log.message ?? '',
      service: serviceOf(log),
      dataClass: classify(topic, log, found),
      tags: moreTags.length + ownTags.length === 0 ? tags : [...new Set([...ownTags, ...tags, ...moreTags])],
      priority: priorityOf(level, log),
      geo: log.ip && this.#settings.geo ? this.#settings.geo(log.ip) : undefined,
    })
  }
}

/** A line whose end never came and that is no text: its record is no longer the current one, so it cannot be refused. */
function unreadEvent({ bytes, ...record }: WholeRecord): EventOfRecord {
  const text = Buffer.from(bytes).toString('latin1')
  const event = new LogEvent(text, record.timestamp, record.source)
  event.fields.message = text
  event.tag('_parse_failure')
  return { ...record, event }
}

/** Where an event is from, that its record alone does not say. */
interface Origin {
  readonly id: string
  readonly topic: string
}

function serviceOf({ service, component }: JsonLog): string {
  return service ?? (component === undefined || isCodeName(component) ? 'unknown' : component)
}
