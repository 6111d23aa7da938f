import type { Headers } from '../../src/index.ts'
import { fieldsText, isFields, LogEvent, parseJson } from '../../src/pipelines/index.ts'
import type { HeldCodec } from './held.ts'

/** An event with what its record says of it. */
export interface EventOfRecord {
  readonly event: LogEvent
  /** Of its document: topic, partition and offset, and a number where the record holds several. */
  readonly id: string
  readonly key: string
  readonly topic: string
  readonly timestamp: number
  readonly headers: Headers
}

/** An event that more lines may follow. */
export interface HeldEvent extends EventOfRecord {
  /** The first is the message of the event. */
  readonly lines: string[]
  /** Characters of all lines. */
  length: number
}

export const heldEvents: HeldCodec<HeldEvent> = {
  toText({ event, headers, id, key, topic, timestamp, lines, length }) {
    const { original, receivedMs, source, fields, tags } = event
    const rest = {
      headers: writtenHeaders(headers),
      original,
      receivedMs,
      source,
      tags,
      id,
      key,
      topic,
      timestamp,
      lines,
      length,
    }
    return `${JSON.stringify(rest).slice(0, -1)},"fields":${fieldsText(fields)}}`
  },
  fromText(text) {
    const held = parseJson(text)?.values[0]
    if (!isFields(held) || !isFields(held.fields)) throw new TypeError('a held line is not in its form')
    const event = new LogEvent(held.original as string, Number(held.receivedMs), held.source as string)
    event.fields = held.fields
    for (const tag of held.tags as readonly string[]) event.tag(tag)
    return {
      event,
      id: held.id as string,
      key: held.key as string,
      topic: held.topic as string,
      timestamp: Number(held.timestamp),
      headers: readHeaders(held.headers as unknown as WrittenHeaders),
      lines: [...(held.lines as readonly string[])],
      length: Number(held.length),
    }
  },
}

export type WrittenHeaders = readonly (readonly [key: string, value: string | null])[]

export function writtenHeaders(headers: Headers): WrittenHeaders {
  return headers.map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString('base64')])
}

export function readHeaders(written: WrittenHeaders): Headers {
  return written.map(([key, value]) => ({ key, value: value === null ? null : Buffer.from(value, 'base64') }))
}

/** The event with all its lines: they are its message, and its original. */
export function joinedEvent({ event, lines }: HeldEvent): LogEvent {
  if (lines.length === 1) return event
  const { receivedMs, source, original, fields, tags } = event
  const whole = new LogEvent([original, ...lines.slice(1)].join('\n'), receivedMs, source)
  whole.fields = fields
  whole.fields.message = lines.join('\n')
  whole.fields.joinedLines = lines.length
  for (const tag of tags) whole.tag(tag)
  return whole
}
