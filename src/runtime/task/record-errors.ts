import type { Bytes } from '../../core/bytes.ts'
import { errorMessage, thrownAt } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import { ignoreRejection } from '../../core/no-promise.ts'
import type { ErrorContext } from '../errors/error-context.ts'
import type { LogFields } from '../../core/logger.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import type { KeptRecord, RecordContext } from '../../stores/record-context.ts'
import { type DropLog, fateOf } from './drop-log.ts'
import { isBeyondRecord, recordFailed } from '../errors/record-failures.ts'
import { askHandler } from '../errors/handlers.ts'
import type { HandlerResponse, ProcessedRecord, ProducedRecord } from '../errors/handlers.ts'
import type { RecordCollector, Refusals } from './record-collector.ts'
import type { Settings } from '../settings.ts'
import type { Topology } from '../../topology/topology.ts'

const writing = 'writing'

/** The record that the task is at, raw. */
export type CurrentRecord = () => { readonly batch: RecordBatch; readonly index: number } | undefined

/**
 * The one place where a record's failure meets its handler: asks, writes the dead letters, then counts and logs the
 * drop or throws RECORD_FAILED (fatal). Errors that are about the runtime pass through untouched.
 */
export class RecordErrors {
  readonly #taskId: string
  readonly #topology: Topology
  readonly #settings: Settings
  readonly #collector: RecordCollector
  readonly #drops: DropLog
  readonly #current: CurrentRecord
  readonly #recordContext: RecordContext

  constructor(
    { taskId, topology }: { readonly taskId: string; readonly topology: Topology },
    settings: Settings,
    collector: RecordCollector,
    drops: DropLog,
    current: CurrentRecord,
    recordContext: RecordContext,
  ) {
    this.#taskId = taskId
    this.#topology = topology
    this.#settings = settings
    this.#collector = collector
    this.#drops = drops
    this.#current = current
    this.#recordContext = recordContext
    const refused: Refusals['refused'] = (error, source, record) => this.refused(error, source, record)
    collector.attach({ context: recordContext, refused })
  }

  /** A record that its serde or timestamp extractor cannot read; the deserialization handler decides. */
  undecodable(error: unknown, nodeName: string, batch: RecordBatch, index: number): void {
    ignoreRejection(error)
    if (isBeyondRecord(error)) throw error
    const context = this.#contextOf(batch, index, undefined)
    const response = askHandler('deserializationHandler', error, () =>
      this.#settings.deserializationHandler(error, context),
    )
    this.#conclude('reading the record', error, nodeName, context, response)
  }

  /** A processor or user function threw; the processing handler decides, with the raw record as its source had it. */
  processing(error: unknown, nodeName: string, record: ProcessedRecord): void {
    ignoreRejection(error)
    if (isBeyondRecord(error)) throw error
    // The operator may have the record at another time than its source: a row that waited, a window that closed.
    const context = { ...this.#currentContext(nodeName), timestamp: record.timestamp, headers: record.headers }
    const response = askHandler('processingHandler', error, () =>
      this.#settings.processingHandler(error, context, record),
    )
    this.#conclude('processing', error, nodeName, context, response)
  }

  /** A record could not be serialized, placed or sent; the production handler decides. */
  production(error: unknown, nodeName: string, record: ProducedRecord): void {
    ignoreRejection(error)
    if (isBeyondRecord(error)) throw error
    this.#produceFailed(error, nodeName, this.#currentContext(nodeName), record)
  }

  /** As `production`, once the task is past the record that caused it; a row of a changelog has no such record. */
  refused(error: unknown, source: RecordContext, record: ProducedRecord): void {
    ignoreRejection(error)
    if (isBeyondRecord(error)) throw error
    const context = this.#contextAt(source, undefined)
    const letter = source.topic === '' ? { ...context, rawKey: record.key, rawValue: record.value } : context
    this.#produceFailed(error, record.topic, { ...letter, timestamp: record.timestamp }, record)
  }

  /** Not the bytes where they lie: they would keep the whole batch in memory. */
  keepRecord(): KeptRecord | undefined {
    if (this.#recordContext.origin?.isOfNoRecord) return undefined
    const current = this.#headUnderWay()
    if (current === undefined) return this.#keptUnderWay()
    const { batch, index } = current
    const { topic, partition, offset } = this.#recordContext
    return { topic, partition, offset, rawKey: copied(batch.key(index)), rawValue: copied(batch.value(index)) }
  }

  /** Asks about a record that was to be written. */
  #produceFailed(error: unknown, nodeName: string, context: ErrorContext, record: ProducedRecord): void {
    const response = askHandler('productionHandler', error, () =>
      this.#settings.productionHandler(error, context, record),
    )
    this.#conclude(writing, error, nodeName, context, response, `writing to ${record.topic}`)
  }

  /** `stage`: what failed, in words that are the same for all topics; `told`: the same for a person. */
  #conclude(
    stage: string,
    error: unknown,
    nodeName: string,
    context: ErrorContext,
    response: HandlerResponse,
    told = stage,
  ): void {
    for (const letter of response.deadLetters) this.#collector.deadLetter(letter)
    const { topic, partition, offset } = context
    if (response.action === 'fail') {
      throw recordFailed(told, error, { taskId: this.#taskId, topic, partition, offset, operator: nodeName })
    }
    const fields = (): LogFields => ({ partition, offset, error: errorMessage(error), at: thrownAt(error) })
    this.#drops.drop(`${stage} failed`, nodeName, topic, fields, fateOf(response.deadLetters.length > 0))
  }

  #currentContext(nodeName: string): ErrorContext {
    if (this.#recordContext.origin?.isOfNoRecord)
      return this.#contextAt({ ...this.#recordContext, topic: '', partition: -1, offset: -1 }, nodeName)
    const current = this.#headUnderWay()
    if (current !== undefined) return this.#contextOf(current.batch, current.index, nodeName)
    const context = this.#contextAt(this.#recordContext, nodeName)
    const kept = this.#keptUnderWay()
    return kept === undefined ? context : { ...context, rawKey: kept.rawKey, rawValue: kept.rawValue }
  }

  /** The task's current record, unless a result of an earlier record is being forwarded. */
  #headUnderWay(): ReturnType<CurrentRecord> {
    const current = this.#current()
    const { topic, partition, offset } = this.#recordContext
    if (current === undefined || current.batch.topic !== topic || current.batch.partition !== partition)
      return undefined
    return current.batch.offset(current.index) === offset ? current : undefined
  }

  #keptUnderWay(): KeptRecord | undefined {
    const { topic, partition, offset, kept } = this.#recordContext
    return kept?.offset === offset && kept.partition === partition && kept.topic === topic ? kept : undefined
  }

  /** A context without raw bytes: those of the record are gone. */
  #contextAt(place: RecordContext, nodeName: string | undefined): ErrorContext {
    const { topic, partition, offset, timestamp, headers } = place
    return {
      applicationId: this.#settings.applicationId,
      topologyHash: this.#topology.hash(),
      taskId: this.#taskId,
      topic,
      partition,
      offset,
      timestamp,
      headers: topic === '' ? noHeaders : headers,
      rawKey: null,
      rawValue: null,
      nodeName,
      deadLetterTopic: this.#settings.deadLetterTopic,
    }
  }

  /** The context of a record that is still in its batch. */
  #contextOf(batch: RecordBatch, index: number, nodeName: string | undefined): ErrorContext {
    return {
      applicationId: this.#settings.applicationId,
      topologyHash: this.#topology.hash(),
      taskId: this.#taskId,
      topic: batch.topic,
      partition: batch.partition,
      offset: batch.offset(index),
      timestamp: batch.timestamp(index),
      headers: batch.headers(index),
      rawKey: batch.key(index),
      rawValue: batch.value(index),
      nodeName,
      deadLetterTopic: this.#settings.deadLetterTopic,
    }
  }
}

function copied(bytes: Bytes | null): Bytes | null {
  return bytes === null ? null : new Uint8Array(bytes)
}
