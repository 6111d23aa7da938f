import type { Bytes } from '../../core/bytes.ts'
import { errorMessage } from '../../core/errors.ts'
import type { Header, Headers } from '../../core/headers.ts'
import type { ErrorContext } from './error-context.ts'

/** A record that could not be handled, on its way to a topic of its own: bytes untouched, timestamp of the source. */
export interface DeadLetter {
  readonly topic: string
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly timestamp: number
  readonly headers: Headers
}

/** Names of KIP-1034, so that tools for Kafka Streams read our dead letters. */
export const prefix = '__streams.errors.'

/** Extension: who wrote the dead letter. */
export const ownPrefix = '__millrace.errors.'

const textMax = 8_192

/** Of the texts of a letter that does not fit otherwise. */
const shortTextMax = 80

const encoder = new TextEncoder()

function header(name: string, text: string | null): Header {
  return { key: name, value: text === null ? null : encoder.encode(text.slice(0, textMax)) }
}

function stackOf(error: unknown): unknown {
  try {
    return (error as { stack?: unknown } | null | undefined)?.stack
  } catch {
    return undefined
  }
}

/** The class of the error, or the code of a MillraceError. */
function errorClass(error: unknown): string {
  try {
    const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
    if (name === 'MillraceError' && typeof code === 'string') return code
    return typeof name === 'string' ? name : typeof error
  } catch {
    return typeof error
  }
}

/**
 * The dead letter of KIP-1034: raw key and value, source timestamp, source headers and the error; in addition,
 * who wrote it.
 */
export function deadLetterOf(error: unknown, context: ErrorContext, topic: string): DeadLetter {
  const stack = stackOf(error)
  return {
    topic,
    key: context.rawKey,
    value: context.rawValue,
    timestamp: nearestTime(context.timestamp),
    headers: [
      ...context.headers,
      header(`${prefix}exception`, errorClass(error)),
      header(`${prefix}message`, errorMessage(error)),
      header(`${prefix}stacktrace`, typeof stack === 'string' ? stack : ''),
      header(`${prefix}topic`, context.topic === '' ? null : context.topic),
      header(`${prefix}partition`, String(context.partition)),
      header(`${prefix}offset`, String(context.offset)),
      header(`${ownPrefix}application`, context.applicationId),
      header(`${ownPrefix}topology`, context.topologyHash),
      header(`${ownPrefix}task`, context.taskId),
      header(`${ownPrefix}node`, context.nodeName ?? null),
    ],
  }
}

/** Kafka has room for timestamps that no number holds exactly; nobody could read a dead letter with one. */
function nearestTime(timestamp: number): number {
  if (Number.isSafeInteger(timestamp)) return timestamp
  return timestamp > 0 ? Number.MAX_SAFE_INTEGER : 0
}

/**
 * A letter that does not fit, without the largest part that it can do without: its value, then the headers of its
 * source, then its key, then the length of its texts. A header says what. undefined where nothing is left to leave out.
 */
export function shortened(letter: DeadLetter): DeadLetter | undefined {
  const { key, value, headers } = letter
  if (value !== null) return { ...letter, value: null, headers: [...headers, leftOut('value', value.length)] }
  const own = headers.filter((one) => one.key.startsWith(prefix) || one.key.startsWith(ownPrefix))
  if (own.length < headers.length) {
    return { ...letter, headers: [...own, leftOut('headers', bytesIn(headers) - bytesIn(own))] }
  }
  if (key !== null) return { ...letter, key: null, headers: [...own, leftOut('key', key.length)] }
  const cut = own.map((one) => ({ key: one.key, value: one.value?.subarray(0, shortTextMax) ?? null }))
  const bytes = bytesIn(own) - bytesIn(cut)
  return bytes === 0 ? undefined : { ...letter, headers: [...cut, leftOut('texts', bytes)] }
}

function bytesIn(headers: Headers): number {
  return headers.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
}

function leftOut(part: string, bytes: number): Header {
  return header(`${prefix}${part}-left-out`, `${bytes} bytes, too large for a dead letter`)
}
