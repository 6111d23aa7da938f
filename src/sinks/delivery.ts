import { MillraceError, consequenceOf, errorCode, errorMessage } from '../core/errors.ts'
import type { BatchTarget, SinkBatch, WriteResult } from './batch-target.ts'
import type { SinkRejection } from './port.ts'
import type { RequestOutcome, TargetGate } from './target-gate.ts'

interface Shipment<Batch> {
  readonly number: number
  /** When its first document came. */
  readonly startedMs: number
  readonly batch: Batch
  inFlight: boolean
}

export interface DeliveryObserver {
  rejected(rejection: SinkRejection): void
  /** This much left the buffer: written or rejected. */
  settled(records: number, bytes: number): void
  delayed(reason: string): void
}

/**
 * Brings batches to a target, the oldest first, as the gate lets them through. A batch stays here until each of its
 * documents is written or rejected; what has to be tried again keeps its place in the queue.
 */
export class Delivery<Batch extends SinkBatch> {
  readonly #target: BatchTarget<Batch>
  readonly #gate: TargetGate
  readonly #observer: DeliveryObserver
  readonly #wake = (): void => this.start()
  #shipments: Shipment<Batch>[] = []
  #lastNumber = 0
  #abort = new AbortController()
  #failure: Error | undefined
  #lastDelay = ''
  #lastErrorCode: string | undefined
  #changed: (() => void) | undefined

  constructor(target: BatchTarget<Batch>, gate: TargetGate, observer: DeliveryObserver) {
    this.#target = target
    this.#gate = gate
    this.#observer = observer
    gate.subscribe(this.#wake)
  }

  /** Why the last batch that was not taken was not; empty when all goes well. */
  get lastDelay(): string {
    return this.#lastDelay
  }

  /** A fatal error ended it: nothing is sent any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  throwFailure(): void {
    if (this.#failure) throw this.#failure
  }

  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Since when the oldest document waits; undefined when there is none. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined
    for (const { startedMs } of this.#shipments) oldestMs = Math.min(oldestMs ?? startedMs, startedMs)
    return oldestMs
  }

  get inFlight(): number {
    let inFlight = 0
    for (const shipment of this.#shipments) if (shipment.inFlight) inFlight++
    return inFlight
  }

  /** What the last request that failed met; undefined when the last one passed. */
  get lastErrorCode(): string | undefined {
    return this.#lastErrorCode
  }

  enqueue(batch: Batch, startedMs: number): void {
    this.#shipments.push({ number: ++this.#lastNumber, startedMs, batch, inFlight: false })
  }

  /** True when each batch up to this number is done. */
  isDone(number: number): boolean {
    return this.#shipments.every((shipment) => shipment.number > number)
  }

  /** Called when a request ended in any way, and when all was discarded. */
  onChange(callback: (() => void) | undefined): void {
    this.#changed = callback
  }

  /** Sends what may be sent now; never throws. */
  start(): void {
    if (this.#failure !== undefined) return
    for (const shipment of this.#shipments) {
      if (shipment.inFlight) continue
      if (!this.#gate.tryEnter()) return
      shipment.inFlight = true
      void this.#send(shipment, this.#abort.signal)
    }
  }

  /** Forgets all batches; an answer that still comes is not looked at. */
  discard(): void {
    this.#shipments = []
    this.#failure = undefined
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#changed?.()
  }

  close(): void {
    this.discard()
    this.#gate.unsubscribe(this.#wake)
  }

  async #send(shipment: Shipment<Batch>, signal: AbortSignal): Promise<void> {
    let result: WriteResult<Batch> | undefined
    let error: unknown
    try {
      result = await this.#target.write(shipment.batch, signal)
    } catch (cause) {
      error = cause
    }
    let outcome: RequestOutcome = 'aborted'
    let retryAfterMs: number | undefined
    if (!signal.aborted) {
      shipment.inFlight = false
      this.#lastErrorCode = result === undefined ? errorCode(error) : undefined
      result ??= this.#failed(shipment.batch, error)
      if (result) {
        this.#apply(shipment, result)
        outcome = result.retry.length > 0 && result.before === 'backoff' ? 'overloaded' : 'taken'
        retryAfterMs = result.retryAfterMs
      }
    }
    this.#gate.leave(outcome, retryAfterMs)
    if (signal.aborted) return
    this.#changed?.()
    this.start()
  }

  #failed(batch: Batch, error: unknown): WriteResult<Batch> | undefined {
    if (consequenceOf(error) !== 'retriable') {
      this.#failure = error instanceof Error ? error : new MillraceError('SINK_FAILED', 'fatal', errorMessage(error))
      return undefined
    }
    const retryAfterMs = (error as MillraceError).details.retryAfterMs
    return {
      rejected: [],
      retry: [batch],
      before: 'backoff',
      reason: errorMessage(error),
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    }
  }

  #apply(
    { number, startedMs, batch }: Shipment<Batch>,
    { rejected, retry, before, reason = '' }: WriteResult<Batch>,
  ): void {
    for (const rejection of rejected) this.#observer.rejected(rejection)
    let { records, bytes } = batch
    for (const left of retry) {
      records -= left.records
      bytes -= left.bytes
    }
    this.#observer.settled(records, bytes)
    const place = this.#shipments.findIndex((shipment) => shipment.batch === batch)
    this.#shipments.splice(place, 1, ...retry.map((left) => ({ number, startedMs, batch: left, inFlight: false })))
    this.#lastDelay = reason
    // A target that did not take all of it may still be reading it.
    if (retry.length === 0) batch.release()
    else if (before === 'backoff') this.#observer.delayed(reason)
  }
}
