import { MillraceError, errorMessage } from '../../core/errors.ts'
import { encodeDocument } from '../document.ts'
import type { SinkRecord } from '../port.ts'
import type { SplunkHecConfig } from './options.ts'

/**
 * Writes events as the collector takes them: time in seconds with milliseconds as decimals, never in the scientific
 * notation that it refuses, and the record's place in Kafka as the field `event_id`, by which a search can drop what was
 * delivered twice (Splunk itself does not).
 */
export class HecEventWriter {
  readonly #config: SplunkHecConfig
  readonly #fixed: string
  #host: string | undefined
  #index: string | undefined
  #metadata = ''

  constructor(config: SplunkHecConfig) {
    this.#config = config
    const { sourcetype, source } = config
    this.#fixed = `${member('sourcetype', sourcetype)}${member('source', source)}`
  }

  /** Throws DOCUMENT_INVALID (consequence `record`) for an event that the collector would refuse. */
  write(record: SinkRecord): string {
    const event = encodeEvent(this.#config.eventOf(record))
    const { topic, partition, offset, sequence } = record
    const id = sequence === 0 ? `${topic}-${partition}-${offset}` : `${topic}-${partition}-${offset}-${sequence}`
    return `{${this.#timeOf(record)}${this.#metadataOf(record)}"event":${event},"fields":{"event_id":"${id}"}}\n`
  }

  #timeOf({ timestamp }: SinkRecord): string {
    return timestamp >= 0 && timestamp <= 8.64e15 ? `"time":${(timestamp / 1000).toFixed(3)},` : ''
  }

  /** Consecutive records mostly share host and index. */
  #metadataOf(record: SinkRecord): string {
    const host = this.#config.hostOf?.(record)
    const index = this.#config.indexOf?.(record)
    if (this.#metadata === '' || host !== this.#host || index !== this.#index) {
      this.#host = host
      this.#index = index
      this.#metadata = `${member('host', host)}${member('index', index)}${this.#fixed}`
    }
    return this.#metadata
  }
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `"${name}":${JSON.stringify(value)},`
}

function encodeEvent(event: unknown): string {
  if (event === null || event === undefined || event === '') {
    throw new MillraceError('DOCUMENT_INVALID', 'record', 'the event is blank, which the collector refuses')
  }
  if (typeof event === 'object' && !Array.isArray(event)) return encodeDocument(event)
  try {
    return JSON.stringify(event)
  } catch (error) {
    throw new MillraceError('DOCUMENT_INVALID', 'record', `the event cannot be written: ${errorMessage(error)}`)
  }
}
