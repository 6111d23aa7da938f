import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import { deadLetterOf } from './dead-letters.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { ErrorContext } from './error-context.ts'

/** `continue` drops the record, counted and logged; dead letters are written either way, before the next commit. */
export interface HandlerResponse {
  readonly action: 'continue' | 'fail'
  readonly deadLetters: readonly DeadLetter[]
}

/** The record as the failing node received it. */
export interface ProcessedRecord {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly headers: Headers
}

/** The record as it was about to be written; bytes are null where serialising them is what failed. */
export interface ProducedRecord {
  readonly topic: string
  readonly key: Bytes | null
  readonly value: Bytes | null
  readonly timestamp: number
  readonly headers: Headers
}

/** Called for bytes that a serde cannot read. Must not throw. */
export type DeserializationHandler = (error: unknown, context: ErrorContext) => HandlerResponse

/** Called for what user code threw (KIP-1033). With `continue` only the failing branch loses the record. Must not throw. */
export type ProcessingHandler = (error: unknown, context: ErrorContext, record: ProcessedRecord) => HandlerResponse

/** Called for a record that cannot be serialised, or that Kafka refuses. Must not throw. */
export type ProductionHandler = (error: unknown, context: ErrorContext, record: ProducedRecord) => HandlerResponse

function builtIn(action: 'continue' | 'fail') {
  return (error: unknown, context: ErrorContext): HandlerResponse => ({
    action,
    deadLetters: context.deadLetterTopic === undefined ? [] : [deadLetterOf(error, context, context.deadLetterTopic)],
  })
}

/** The default of all three: the thread stops; a dead letter is written where a topic is configured. */
export const logAndFail = builtIn('fail')

/** Skips the record; a dead letter is written where a topic is configured. */
export const logAndContinue = builtIn('continue')
