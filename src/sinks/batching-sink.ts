import type { Clock } from '../core/clock.ts'
import { MillraceError, consequenceOf, errorCode, errorMessage, isMillraceError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { within } from '../core/within.ts'
import type { SinkBatch, SinkFailure } from './batch-target.ts'
import type { Buffered } from './buffered.ts'
import { Delivery, type DeliveryParts } from './delivery.ts'
import type { Sink, SinkContext, SinkRecord, SinkStatus } from './port.ts'
import type { SharedTarget } from './shared-target.ts'
import type { TargetGate } from './target-gate.ts'

/** When a batch is sent. */
export interface BatchSettings {
  readonly maxRecords: number
  readonly maxBytes: number
  /** A batch is due this long after its first record. */
  readonly maxAgeMs: number
}

export interface BatchingSinkSettings extends BatchSettings {
  readonly name: string
  /** A target that takes nothing for this long is not waited for: whoever flushes has other work. */
  readonly patienceMs: number
}

/** The parts that the sinks of a factory share. */
export interface SharedParts<Batch extends SinkBatch> extends DeliveryParts<Batch> {
  readonly buffered: Buffered
}

/** The shortest and the longest time that a caller should wait before it flushes again. */
const retryAfterBoundsMs = [1000, 5000] as const
/** The time that a target is given all the same, in each flush. */
const leastPatienceMs = 50
/** Documents that wait longer on their own, while others pass, are not waited for. */
const restPatienceMs = 1000
/** Connections that do not close in time are left alone. */
const closeTimeoutMs = 5000

/**
 * A sink that writes batches to a target; everything but the target's own protocol. One per task and sink name; the
 * sinks of a factory share target, gate and bound (`SharedParts`), so that a target that fails is tried by one of them
 * and the others wait.
 * ```
 * add -> batch under construction -> Delivery (queue, in flight) -> target -> settled, rejected, or tried again
 * ```
 * A document leaves in one of three ways: the target took it, the target refused it (`reject` of the context is called,
 * as a rule it becomes a dead letter), or `discard` dropped it, since its record is processed again. `flush` resolves
 * only when all documents that were added before it have left in one of the first two ways; that is what a commit rests
 * on.
 */
export class BatchingSink<Batch extends SinkBatch> implements Sink {
  readonly #settings: BatchingSinkSettings
  readonly #target: SharedTarget<Batch>
  readonly #gate: TargetGate
  readonly #buffered: Buffered
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #delivery: Delivery<Batch>
  #batch: Batch
  #batchStartedMs = 0
  #context: SinkContext | undefined
  #discards = 0
  #records = 0
  #bytes = 0

  constructor(settings: BatchingSinkSettings, shared: SharedParts<Batch>, logger: Logger) {
    this.#settings = settings
    this.#target = shared.target
    this.#gate = shared.gate
    this.#buffered = shared.buffered
    this.#clock = shared.clock
    this.#logger = logger
    this.#batch = shared.target.newBatch()
    this.#delivery = new Delivery(shared, {
      rejected: (rejection) => this.#context?.reject(rejection),
      settled: (records, bytes) => this.#count(-records, -bytes),
      delayed: (failure) => this.#tell(failure),
    })
  }

  /** Never waits for the target: it is contacted in the background, and documents added until then are buffered. */
  async open(context: SinkContext): Promise<void> {
    this.#context = context
    this.#target.join()
    this.#delivery.start()
  }

  add(record: SinkRecord): void {
    if (!this.#context) throw new MillraceError('SINK_NOT_OPEN', 'fatal', `sink ${this.#settings.name} is not open`)
    try {
      if (this.#addToBatch(record)) return
      this.#sendBatch()
      if (this.#addToBatch(record)) return
    } catch (error) {
      // An error of a user function concerns this document alone, unless it says that it is more.
      if (isMillraceError(error) && consequenceOf(error) !== 'record') throw error
      this.#context.reject({ record, code: errorCode(error) ?? 'DOCUMENT_INVALID', reason: errorMessage(error) })
      return
    }
    this.#context.reject({ record, code: 'DOCUMENT_TOO_LARGE', reason: 'it does not fit in an empty batch' })
  }

  /** Not where one more document has to show whether those that are held are at fault themselves. */
  get isFull(): boolean {
    return this.#buffered.isFull && !(this.#batch.records === 0 && this.#delivery.waitsForAnother)
  }

  pump(nowMs: number): void {
    this.#delivery.start()
    // While all is full nothing comes to complete a batch: better a small one than a target that waits.
    const isWaitedFor = this.#buffered.isFull && this.#gate.hasPlace
    if (!isWaitedFor && !this.#isDue(nowMs)) return
    this.#sendBatch()
    this.#delivery.start()
  }

  async flush(timeoutMs: number): Promise<void> {
    this.#sendBatch()
    const last = this.#delivery.lastNumber
    const discards = this.#discards
    const startedMs = this.#clock.monotonicMs()
    this.#delivery.start()
    const isOver = (): boolean =>
      this.#delivery.failure !== undefined ||
      this.#delivery.isDone(last) ||
      this.#delivery.restsForMs(last) > restPatienceMs
    await this.#until(isOver, timeoutMs)
    const { failure } = this.#delivery
    if (failure !== undefined) throw failure.error
    if (discards !== this.#discards)
      throw this.#backpressure(startedMs, 'the documents were discarded during the flush')
    if (!this.#delivery.isDone(last)) throw this.#backpressure(startedMs, this.#reason())
  }

  discard(): void {
    this.#discards++
    if (this.#batch.records > 0) this.#batch = this.#target.newBatch()
    this.#count(-this.#records, -this.#bytes)
    this.#delivery.discard()
  }

  async close(): Promise<void> {
    this.discard()
    this.#delivery.close()
    if (this.#context === undefined) return
    this.#context = undefined
    try {
      const late = (): Error => new Error(`it did not close within ${closeTimeoutMs} ms`)
      await within(this.#clock, this.#target.leave(), closeTimeoutMs, late)
    } catch (error) {
      this.#logger.warn({ error: errorMessage(error) }, 'closing the sink failed, continuing')
    }
  }

  status(): SinkStatus {
    const nowMs = this.#clock.monotonicMs()
    const oldestMs = this.#delivery.oldestMs ?? (this.#batch.records > 0 ? this.#batchStartedMs : nowMs)
    const failure = this.#gate.failure ?? (this.#delivery.hasDoubtful ? this.#delivery.lastFailure : undefined)
    return {
      state: failure === undefined ? 'open' : failure.needsPerson === true ? 'paused' : 'delayed',
      stateForMs: this.#gate.stateForMs,
      bufferedRecords: this.#records,
      bufferedBytes: this.#bytes,
      oldestDocumentMs: nowMs - oldestMs,
      inFlight: this.#delivery.inFlight,
      failedTries: this.#gate.failures,
      lastErrorCode: failure?.code,
      lastError: failure?.reason,
    }
  }

  /** One log line per delay, with the reason of the target and how many tries have failed; an error where somebody has to act. */
  #tell({ code, reason, needsPerson = false, retryAfterMs }: SinkFailure): void {
    const fields = { code, reason, failures: this.#gate.failures, buffered: this.#records }
    const asked = retryAfterMs === undefined ? {} : { retryAfterMs, nextTryMs: Math.ceil(this.#gate.closedForMs) }
    if (needsPerson) this.#logger.error({ ...fields, ...asked }, 'sink paused: needs manual action')
    else this.#logger.warn({ ...fields, ...asked }, 'sink delayed, retrying')
  }

  #reason(): string {
    return (this.#gate.failure ?? this.#delivery.lastFailure)?.reason ?? ''
  }

  #addToBatch(record: SinkRecord): boolean {
    const batch = this.#batch
    const bytesBefore = batch.bytes
    if (!batch.add(record)) return false
    this.#count(1, batch.bytes - bytesBefore)
    if (batch.records === 1) this.#batchStartedMs = this.#clock.monotonicMs()
    if (batch.records >= this.#settings.maxRecords || batch.bytes >= this.#settings.maxBytes) this.#sendBatch()
    return true
  }

  #isDue(nowMs: number): boolean {
    return this.#batch.records > 0 && nowMs - this.#batchStartedMs >= this.#settings.maxAgeMs
  }

  #sendBatch(): void {
    if (this.#batch.records === 0) return
    this.#delivery.enqueue(this.#batch, this.#batchStartedMs)
    this.#batch = this.#target.newBatch()
  }

  #count(records: number, bytes: number): void {
    this.#records += records
    this.#bytes += bytes
    this.#buffered.add(records, bytes)
  }

  /** Until the condition holds, the time is over, or the target has been silent for too long. */
  async #until(condition: () => boolean, timeoutMs: number): Promise<void> {
    const { patienceMs } = this.#settings
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    const leftMs = (): number => Math.min(deadlineMs - this.#clock.monotonicMs(), patienceMs - this.#gate.silentForMs)
    for (let waitMs = Math.min(timeoutMs, Math.max(leftMs(), leastPatienceMs)); waitMs > 0; waitMs = leftMs()) {
      if (condition()) return
      await this.#changeWithin(condition, waitMs)
    }
  }

  #changeWithin(condition: () => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        this.#delivery.onChange(undefined)
        resolve()
      }
      const timer = this.#clock.setTimer(timeoutMs, end)
      this.#delivery.onChange(() => condition() && end())
    })
  }

  #backpressure(startedMs: number, reason: string): MillraceError {
    const [leastMs, mostMs] = retryAfterBoundsMs
    const retryAfterMs = Math.min(mostMs, Math.max(leastMs, Math.ceil(this.#gate.closedForMs)))
    const tookMs = Math.round(this.#clock.monotonicMs() - startedMs)
    return new MillraceError(
      'SINK_BACKPRESSURE',
      'retriable',
      `sink ${this.#settings.name} did not take ${this.#records} records within ${tookMs} ms: ${reason || 'it did not answer yet'}`,
      { details: { sink: this.#settings.name, retryAfterMs } },
    )
  }
}
