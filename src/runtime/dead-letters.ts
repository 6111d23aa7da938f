import type { Bytes } from '../core/bytes.ts'
import { errorMessage } from '../core/errors.ts'
import type { Header, Headers } from '../core/headers.ts'
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
const prefix = '__streams.errors.'

const stackTextMax = 8_192

const encoder = new TextEncoder()

function header(name: string, text: string | null): Header {
  return { key: prefix + name, value: text === null ? null : encoder.encode(text) }
}

/** The class of the error, or the code of one of ours. */
function errorClass(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  if (name === 'MillraceError' && typeof code === 'string') return code
  return typeof name === 'string' ? name : typeof error
}

/** The dead letter of KIP-1034: raw key and value, source timestamp, source headers and what went wrong. */
export function deadLetterOf(error: unknown, context: ErrorContext, topic: string): DeadLetter {
  const stack = (error as { stack?: unknown } | null)?.stack
  return {
    topic,
    key: context.rawKey,
    value: context.rawValue,
    timestamp: context.timestamp,
    headers: [
      ...context.headers,
      header('exception', errorClass(error)),
      header('message', errorMessage(error)),
      header('stacktrace', typeof stack === 'string' ? stack.slice(0, stackTextMax) : ''),
      header('topic', context.topic === '' ? null : context.topic),
      header('partition', String(context.partition)),
      header('offset', String(context.offset)),
    ],
  }
}

/** A letter that is too large for its topic with its value: the value is left out, and a header says how large it was. */
export function withoutValue(letter: DeadLetter): DeadLetter {
  const left = header('value-left-out', `${letter.value?.length ?? 0} bytes, too large for a dead letter`)
  return { ...letter, value: null, headers: [...letter.headers, left] }
}
