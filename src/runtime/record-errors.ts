import { errorMessage } from '../core/errors.ts'
import { noHeaders } from '../core/headers.ts'
import type { ErrorContext } from './error-context.ts'
import type { LogFields } from '../core/logger.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { RecordContext } from '../stores/task-stores.ts'
import type { DropLog } from './drop-log.ts'
import { isBeyondRecord, recordFailed } from './errors.ts'
import type {
  DeserializationHandler,
  HandlerResponse,
  ProcessedRecord,
  ProcessingHandler,
  ProducedRecord,
  ProductionHandler,
} from './handlers.ts'
import type { RecordCollector } from './record-collector.ts'

export interface RecordHandlers {
  readonly deserialization: DeserializationHandler
  readonly processing: ProcessingHandler
  readonly production: ProductionHandler
  readonly deadLetterTopic: string | undefined
}

/** The record that the task is at, raw. */
export type CurrentRecord = () => { readonly batch: RecordBatch; readonly index: number } | undefined

/**
 * The one place where a record's failure meets its handler: asks, writes the dead letters, then counts and logs the drop
 * or throws RECORD_FAILED (fatal). Errors that are about the runtime pass through untouched.
 */
export class RecordErrors {
  readonly #taskId: string
  readonly #handlers: RecordHandlers
  readonly #collector: RecordCollector
  readonly #drops: DropLog
  readonly #current: CurrentRecord
  readonly #recordContext: RecordContext

  constructor(
    taskId: string,
    handlers: RecordHandlers,
    collector: RecordCollector,
    drops: DropLog,
    current: CurrentRecord,
    recordContext: RecordContext,
  ) {
    this.#taskId = taskId
    this.#handlers = handlers
    this.#collector = collector
    this.#drops = drops
    this.#current = current
    this.#recordContext = recordContext
  }

  undecodable(error: unknown, nodeName: string, batch: RecordBatch, index: number): void {
    if (isBeyondRecord(error)) throw error
    const context = this.#contextOf(batch, index, undefined)
    this.#conclude('reading the record', error, nodeName, context, this.#handlers.deserialization(error, context))
  }

  processing(error: unknown, nodeName: string, record: ProcessedRecord): void {
    if (isBeyondRecord(error)) throw error
    // The operator may have the record at another time than its source: a row that waited, a window that closed.
    const context = { ...this.#currentContext(nodeName), timestamp: record.timestamp, headers: record.headers }
    this.#conclude('processing', error, nodeName, context, this.#handlers.processing(error, context, record))
  }

  production(error: unknown, nodeName: string, record: ProducedRecord): void {
    if (isBeyondRecord(error)) throw error
    const context = this.#currentContext(nodeName)
    this.#conclude(
      `writing to ${record.topic}`,
      error,
      nodeName,
      context,
      this.#handlers.production(error, context, record),
    )
  }

  #conclude(stage: string, error: unknown, nodeName: string, context: ErrorContext, response: HandlerResponse): void {
    for (const letter of response.deadLetters) this.#collector.deadLetter(letter)
    const { topic, partition, offset } = context
    if (response.action === 'fail') {
      throw recordFailed(stage, error, { taskId: this.#taskId, topic, partition, offset, operator: nodeName })
    }
    const fields = (): LogFields => ({ topic, partition, offset, error: errorMessage(error) })
    this.#drops.drop(`${stage} failed`, nodeName, fields)
  }

  #currentContext(nodeName: string): ErrorContext {
    const current = this.#current()
    const { topic, partition, offset, timestamp, headers } = this.#recordContext
    // An asynchronous outcome belongs to an earlier record than the one at the head: its bytes are gone.
    if (current !== undefined && current.batch.topic === topic && current.batch.partition === partition) {
      if (current.batch.offset(current.index) === offset) return this.#contextOf(current.batch, current.index, nodeName)
    }
    return {
      taskId: this.#taskId,
      topic,
      partition,
      offset,
      timestamp,
      headers: topic === '' ? noHeaders : headers,
      rawKey: null,
      rawValue: null,
      nodeName,
      deadLetterTopic: this.#handlers.deadLetterTopic,
    }
  }

  #contextOf(batch: RecordBatch, index: number, nodeName: string | undefined): ErrorContext {
    return {
      taskId: this.#taskId,
      topic: batch.topic,
      partition: batch.partition,
      offset: batch.offset(index),
      timestamp: batch.timestamp(index),
      headers: batch.headers(index),
      rawKey: batch.key(index),
      rawValue: batch.value(index),
      nodeName,
      deadLetterTopic: this.#handlers.deadLetterTopic,
    }
  }
}
