import type { Bytes } from '../../core/bytes.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import type { Serde } from '../../serde/serde.ts'
import type { TopicSerdes } from './topic-serdes.ts'
import { jsonText } from '../../core/json-text.ts'

/** A record that a line of input holds. */
export interface LineRecord {
  readonly key: Bytes | null
  readonly value: Bytes | null
  /** undefined: now. */
  readonly timestamp: number | undefined
}

/** Names of a record in JSON. What a command prints may be given to another: where a record was read is ignored. */
const members: ReadonlySet<string> = new Set(['key', 'value', 'timestamp', 'topic', 'partition', 'offset', 'headers'])

/**
 * The record of a line. A JSON object with `value`, and with `key` and `timestamp` where they are wanted, is a record
 * that the serdes of the topic write. Any other line is the text of a value. Throws INPUT_LINE.
 */
export function recordOfLine(line: string, topic: string, serdes: TopicSerdes): LineRecord {
  const record = envelopeOf(line)
  if (record === undefined) return { key: null, value: Buffer.from(line), timestamp: undefined }
  const { key = null, value, timestamp } = record
  if (timestamp !== undefined && !Number.isSafeInteger(timestamp))
    throw refused(topic, `timestamp is ${JSON.stringify(timestamp)}: give milliseconds since 1970`)
  return {
    key: bytesOf(serdes.key, key, topic),
    value: bytesOf(serdes.value, value, topic),
    timestamp: timestamp as number | undefined,
  }
}

/** A value as a person reads it; text where no serde is known, or where it cannot read the bytes. */
export function shownBytes(serde: Serde<unknown> | undefined, bytes: Bytes | null, topic: string): unknown {
  if (bytes === null) return null
  try {
    if (serde !== undefined) return serde.deserialize(bytes, topic, noHeaders)
  } catch {
    // Shown as text.
  }
  return Buffer.from(bytes).toString()
}

/** One line of text for any value. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return jsonText(value) ?? '-'
}

function envelopeOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const parsed = JSON.parse(line) as Readonly<Record<string, unknown>>
    return 'value' in parsed && Object.keys(parsed).every((name) => members.has(name)) ? parsed : undefined
  } catch {
    return undefined
  }
}

function bytesOf(serde: Serde<unknown>, value: unknown, topic: string): Bytes | null {
  if (value === null) return null
  try {
    return serde.serialize(value, topic, noHeaders)
  } catch (cause) {
    throw refused(topic, `${JSON.stringify(value)} cannot be written with serde ${serde.name} (${errorMessage(cause)})`)
  }
}

function refused(topic: string, fault: string): MillraceError {
  return new MillraceError('INPUT_LINE', 'fatal', `a line of input for topic ${topic} is no record: ${fault}`)
}
