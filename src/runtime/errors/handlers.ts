import type { Bytes } from '../../core/bytes.ts'
import type { Headers } from '../../core/headers.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { ignoreRejection } from '../../core/no-promise.ts'
import { shown } from '../../core/shown.ts'
import { deadLetterOf } from './dead-letters.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { ErrorContext } from './error-context.ts'

/**
 * `continue` drops the record, which is counted and logged. Dead letters are written in both cases, before the next
 * commit.
 */
export interface HandlerResponse {
  /** Whether to drop the record and continue, or to fail the thread. */
  readonly action: 'continue' | 'fail'
  /** Records to write to dead letter topics; empty for none. */
  readonly deadLetters: readonly DeadLetter[]
}

/** The record as the failing node received it. */
export interface ProcessedRecord {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly headers: Headers
}

/** The record as it was about to be written; bytes are null where serializing them is what failed. */
export interface ProducedRecord {
  readonly topic: string
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly timestamp: number
  readonly headers: Headers
}

/** Called for bytes that a serde cannot read. Must not throw. */
export type DeserializationHandler = (error: unknown, context: ErrorContext) => HandlerResponse

/**
 * Called for an error that user code threw (KIP-1033). With `continue` only the failing branch loses the record. Must
 * not throw.
 */
export type ProcessingHandler = (error: unknown, context: ErrorContext, record: ProcessedRecord) => HandlerResponse

/** Called for a record that cannot be serialized, or that Kafka refuses. Must not throw. */
export type ProductionHandler = (error: unknown, context: ErrorContext, record: ProducedRecord) => HandlerResponse

/**
 * Asks a handler once. What it throws, or answers that is no response, is its own fault, whatever the record's was: fatal,
 * and never taken for a fault of the operators above.
 */
export function askHandler(name: string, error: unknown, ask: () => unknown): HandlerResponse {
  let response: unknown
  try {
    response = ask()
  } catch (thrown) {
    ignoreRejection(thrown)
    throw handlerFailed(name, `threw (${errorMessage(thrown)})`, error, thrown)
  }
  if (isResponse(response)) return response
  ignoreRejection(response)
  throw handlerFailed(name, `returned ${shown(response)}`, error, undefined)
}

function handlerFailed(name: string, what: string, error: unknown, cause: unknown): MillraceError {
  return new MillraceError(
    'HANDLER_FAILED',
    'fatal',
    `${name} ${what} when it was asked about an error (${errorMessage(error)}): it must return { action: 'continue' or 'fail', deadLetters: [...] } and not throw`,
    { cause: cause ?? error, details: { handler: name } },
  )
}

function isResponse(response: unknown): response is HandlerResponse {
  try {
    const { action, deadLetters } = response as HandlerResponse
    return (action === 'continue' || action === 'fail') && Array.isArray(deadLetters) && deadLetters.every(isLetter)
  } catch {
    return false
  }
}

function isLetter(letter: unknown): boolean {
  const { topic, key, value, timestamp, headers } = letter as DeadLetter
  const areBytes = [key, value].every((bytes) => bytes === null || bytes instanceof Uint8Array)
  return (
    typeof topic === 'string' && topic !== '' && areBytes && Number.isSafeInteger(timestamp) && Array.isArray(headers)
  )
}

function builtIn(action: 'continue' | 'fail') {
  return (error: unknown, context: ErrorContext): HandlerResponse => ({
    action,
    deadLetters: context.deadLetterTopic === undefined ? [] : [deadLetterOf(error, context, context.deadLetterTopic)],
  })
}

/**
 * The default of all three handlers: the thread stops; a dead letter is written if a dead-letter topic is configured.
 */
export const logAndFail = builtIn('fail')

/** Skips the record; a dead letter is written if a dead-letter topic is configured. */
export const logAndContinue = builtIn('continue')
