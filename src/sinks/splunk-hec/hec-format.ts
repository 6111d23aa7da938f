import { MillraceError, errorMessage } from '../../core/errors.ts'
import { encodeDocument } from '../document.ts'
import { documentId } from '../document-id.ts'
import type { ItemFormat } from '../item-batch.ts'
import type { LineBuffer } from '../line-buffer.ts'
import type { SinkRecord } from '../port.ts'
import type { SplunkHecConfig } from './splunk-hec-options.ts'

const eventMark = '"event":'
const fieldsMark = ',"fields":{'

/**
 * Writes events as the collector takes them: time in seconds with milliseconds as decimals, never in the scientific
 * notation that it refuses, and the record's place in Kafka as the field `event_id`, by which a search can drop what was
 * delivered twice (Splunk itself does not).
 */
export class HecFormat implements ItemFormat {
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

  write(record: SinkRecord, lines: LineBuffer): void {
    const event = encodeEvent(this.#config.eventOf(record))
    const id = documentId(record)
    const prefix = `{${this.#timeOf(record)}${this.#metadataOf(record)}${eventMark}`
    lines.addLine(prefix, event, `${fieldsMark}"event_id":"${id}"}}`)
  }

  /** Neither mark can stand inside of a text, whose quotes are escaped. */
  documentIn(item: Buffer): Buffer {
    return item.subarray(item.indexOf(eventMark) + eventMark.length, item.lastIndexOf(fieldsMark))
  }

  #timeOf({ timestamp }: SinkRecord): string {
    if (!(timestamp >= 0 && timestamp <= 8.64e15)) return ''
    const second = Math.floor(timestamp / 1000)
    const millisecond = Math.floor(timestamp - second * 1000)
    return `"time":${second}.${millisecond < 100 ? (millisecond < 10 ? '00' : '0') : ''}${millisecond},`
  }

  /** Consecutive records mostly share host and index. */
  #metadataOf(record: SinkRecord): string {
    const host = this.#config.hostOf?.(record)
    const index = this.#config.indexOf?.(record)
    if (this.#metadata === '' || host !== this.#host || index !== this.#index) {
      // Only what could be written is remembered.
      this.#metadata = `${member('host', host)}${member('index', index)}${this.#fixed}`
      this.#host = host
      this.#index = index
    }
    return this.#metadata
  }
}

function member(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string' && value !== '') return `"${name}":${JSON.stringify(value)},`
  const text = `the ${name} of an event is ${value === '' ? 'empty' : `a ${typeof value}`}: give a text`
  throw new MillraceError('DOCUMENT_METADATA_INVALID', 'record', text)
}

function encodeEvent(event: unknown): string | Uint8Array {
  if (event === null || event === undefined || event === '') {
    throw new MillraceError('DOCUMENT_INVALID', 'record', 'the event is blank, which the collector refuses')
  }
  if (typeof event === 'object' && !Array.isArray(event)) return encodeDocument(event)
  const written = serialize(event)
  if (written === undefined || written === 'null')
    throw new MillraceError('DOCUMENT_INVALID', 'record', `the event is a ${typeof event}, which JSON cannot express`)
  return written
}

function serialize(event: unknown): string | undefined {
  try {
    return JSON.stringify(event)
  } catch (error) {
    throw new MillraceError('DOCUMENT_INVALID', 'record', `the event cannot be written: ${errorMessage(error)}`)
  }
}
