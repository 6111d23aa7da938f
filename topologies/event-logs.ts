import {
  isFields,
  type LogEvent,
  newFields,
  type Pipeline,
  type PipelineObserver,
  type PipelineRun,
  type Redactor,
  serviceOf,
} from '../src/pipelines/index.ts'
import { readEventTime } from './event-time.ts'
import { fitFields } from './fitted-fields.ts'
import type { InputPolicy } from './input-policy.ts'
import type { JsonLog } from './json-log.ts'
import { LogReader } from './log-reader.ts'

/** A finished event as a log. */
export interface EventLog {
  readonly log: JsonLog
  /** The event's own time; NaN where it has none that can be read. */
  readonly eventMs: number
  /** Why the event could not be read as it should be; undefined for most. */
  readonly failure: 'format' | 'time' | 'type' | undefined
}

/** Reads records that are not in the fleet's own shape, and writes their events as logs. One per task. */
export class EventLogs {
  readonly #policy: InputPolicy
  readonly #run: PipelineRun
  readonly #own: LogReader

  constructor(pipeline: Pipeline, policy: InputPolicy, redactor: Redactor, observer: PipelineObserver) {
    this.#policy = policy
    this.#own = new LogReader(redactor)
    this.#run = pipeline.open({ bytesMax: policy.valueBytesMax, observer })
  }

  /** As `PipelineRun`. */
  read(bytes: Uint8Array, receivedMs: number, source: string): readonly LogEvent[] | undefined {
    return this.#run.read(bytes, receivedMs, source)
  }

  logOf(event: LogEvent): EventLog {
    const { fields } = event
    const eventMs = readEventTime(fields.timestamp, event.receivedMs)
    nameService(event)
    const isFitting = fitFields(fields)
    fields.timestamp = Number.isNaN(eventMs) ? event.receivedMs : eventMs
    fields.timeSource = Number.isNaN(eventMs) ? 'kafka' : 'event'
    if (this.#policy.keepsOriginal) keepOriginal(event)
    const failure = failureOf(event, eventMs, isFitting)
    if (failure !== undefined) event.tag('_parse_failure')
    return { log: this.#own.of(fields), eventMs, failure }
  }
}

function nameService({ fields, tags, source }: LogEvent): void {
  if (typeof fields.service === 'string' && fields.service !== '') return
  const service = serviceOf(fields, tags, source)
  if (service !== undefined && !isFields(fields.service)) fields.service = service
}

function failureOf(event: LogEvent, eventMs: number, isFitting: boolean): EventLog['failure'] {
  if (event.tags.includes('_parse_failure')) return 'format'
  if (Number.isNaN(eventMs)) return 'time'
  return isFitting ? undefined : 'type'
}

/** As `event.original`, unless the message says the same. */
function keepOriginal({ fields, original }: LogEvent): void {
  if (fields.message === original) return
  if (!isFields(fields.event)) {
    if (fields.event !== undefined) return
    fields.event = newFields()
  }
  fields.event.original ??= original
}
