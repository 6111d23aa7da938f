import type { Clock, Timer } from '../core/clock.ts'
import { type BackoffOptions, waitAfter } from '../core/backoff.ts'
import type { SinkBatch, SinkFailure, WriteResult } from './batch-target.ts'
import { withDeadline } from './deadline.ts'
import { failedWrite } from './failed-write.ts'
import type { SinkRejection } from './port.ts'
import type { RefusalBreaker } from './refusal-breaker.ts'
import type { SharedTarget } from './shared-target.ts'
import { newShipment, nextShipment, type Shipment } from './shipment.ts'
import type { RequestOutcome, TargetGate } from './target-gate.ts'

/** The parts that the deliveries of a factory share. */
export interface DeliveryParts<Batch extends SinkBatch> {
  readonly target: SharedTarget<Batch>
  readonly gate: TargetGate
  readonly breaker: RefusalBreaker
  readonly clock: Clock
  readonly backoff: BackoffOptions
  /** From the first byte sent to the last one received. */
  readonly requestTimeoutMs: number
}

export interface DeliveryObserver {
  rejected(rejection: SinkRejection): void
  /** This much left the buffer: written or rejected. */
  settled(records: number, bytes: number): void
  delayed(failure: SinkFailure): void
}

/** A document that failed so often while others were taken is at fault itself. */
const triesMax = 6
/** Where nothing else is there to be taken, a batch is halved once, after so many failures, to see. */
const failuresBeforeHalving = 3
/** As many batches that may be at fault themselves are held beyond the bound of what is buffered. */
const doubtfulMax = 4

/**
 * Brings batches to a target, the oldest first, as the gate lets them through. A batch stays here until each of its
 * documents is written or rejected; what has to be tried again keeps its place in the queue, unless it may be at fault
 * itself: then it lets others pass. One per `BatchingSink`, which enqueues, starts and asks; it has no loop of its own,
 * but wakes when the gate opens or a wait ends.
 *
 * | the target says of a document | what happens |
 * |---|---|
 * | written, or there already | it leaves |
 * | refused | it is rejected; while the target refuses most documents (`RefusalBreaker`), it is kept instead |
 * | not taken (overload, unreachable) | tried again after the gate's backoff, in its place |
 * | doubtful (may be at fault) | tried again on its own, in halves, and rejected after `triesMax` tries while others were written |
 */
export class Delivery<Batch extends SinkBatch> {
  readonly #parts: DeliveryParts<Batch>
  readonly #observer: DeliveryObserver
  readonly #wake = (): void => this.start()
  #shipments: Shipment<Batch>[] = []
  #lastNumber = 0
  readonly #requests = new Set<AbortController>()
  #failure: { readonly error: unknown } | undefined
  #isClosed = false
  #lastFailure: SinkFailure | undefined
  #timer: Timer | undefined
  /** Some may wait on their own. */
  #areWaiting = false
  #changed: (() => void) | undefined

  constructor(parts: DeliveryParts<Batch>, observer: DeliveryObserver) {
    this.#parts = parts
    this.#observer = observer
    parts.gate.subscribe(this.#wake)
  }

  /** Why the last request did not write all; undefined when it did. */
  get lastFailure(): SinkFailure | undefined {
    return this.#lastFailure
  }

  /** Why nothing is sent any more: a refusal could not be reported. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** Of the batch that was enqueued last; a flush waits up to it. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Since when the oldest document waits; undefined when there is none. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined
    for (const { startedMs } of this.#shipments) oldestMs = Math.min(oldestMs ?? startedMs, startedMs)
    return oldestMs
  }

  /** Requests, not documents. */
  get inFlight(): number {
    return this.#requests.size
  }

  /** Some documents are tried again although the target takes others. */
  get hasDoubtful(): boolean {
    return this.#shipments.some(({ failures }) => failures > 0)
  }

  /** All that is held may be at fault itself, and only another document that the target takes can show it. */
  get waitsForAnother(): boolean {
    const count = this.#shipments.length
    if (count === 0 || count > doubtfulMax) return false
    return this.#shipments.every(({ failures }) => failures >= failuresBeforeHalving)
  }

  enqueue(batch: Batch, startedMs: number): void {
    this.#shipments.push(newShipment(++this.#lastNumber, startedMs, batch))
  }

  /** True when each batch up to this number is done. */
  isDone(number: number): boolean {
    return this.#shipments.every((shipment) => shipment.number > number)
  }

  /** How long nothing of the batches up to this number will be tried, because they wait on their own; else 0. */
  restsForMs(number: number): number {
    const nowMs = this.#parts.clock.monotonicMs()
    let restsMs = Number.POSITIVE_INFINITY
    for (const shipment of this.#shipments) {
      if (shipment.number > number) continue
      if (shipment.inFlight || shipment.notBeforeMs <= nowMs) return 0
      restsMs = Math.min(restsMs, shipment.notBeforeMs - nowMs)
    }
    return Number.isFinite(restsMs) ? restsMs : 0
  }

  /** Called when a request ended in any way, and when all was discarded. */
  onChange(callback: (() => void) | undefined): void {
    this.#changed = callback
  }

  /** Sends what may be sent now; never throws. */
  start(): void {
    if (this.#failure !== undefined || this.#isClosed) return
    const { target, gate, clock } = this.#parts
    if (!target.isOpen) {
      target.tryOpen((failure) => this.#observer.delayed(failure))
      return
    }
    for (;;) {
      const nowMs = clock.monotonicMs()
      const shipment = nextShipment(this.#shipments, nowMs)
      if (shipment === undefined || !gate.tryEnter()) return this.#wakeForWaiting(nowMs)
      shipment.inFlight = true
      void this.#send(shipment)
    }
  }

  /** Forgets all batches; an answer that still comes is not looked at. */
  discard(): void {
    this.#shipments = []
    this.#failure = undefined
    this.#lastFailure = undefined
    this.#timer?.cancel()
    this.#timer = undefined
    const requests = [...this.#requests]
    this.#requests.clear()
    for (const request of requests) request.abort()
    this.#changed?.()
  }

  close(): void {
    this.#isClosed = true
    this.discard()
    this.#parts.gate.unsubscribe(this.#wake)
  }

  /** Never rejects. An answer after `discard` is not looked at: its documents are processed again. */
  async #send(shipment: Shipment<Batch>): Promise<void> {
    const { target, gate, clock, requestTimeoutMs } = this.#parts
    const request = new AbortController()
    this.#requests.add(request)
    let result: WriteResult<Batch>
    try {
      result = await withDeadline(clock, requestTimeoutMs, request, (signal) => target.write(shipment.batch, signal))
    } catch (error) {
      result = failedWrite(shipment.batch, error)
    }
    // Discarded meanwhile.
    if (!this.#requests.delete(request)) return gate.leave('aborted')
    shipment.inFlight = false
    let outcome: RequestOutcome = 'aborted'
    try {
      outcome = this.#conclude(shipment, result)
    } catch (error) {
      this.#failure = { error }
    }
    gate.leave(outcome, outcome === 'overloaded' ? this.#lastFailure : undefined)
    this.#changed?.()
    this.start()
  }

  /** Sorts the documents of a request into left, kept and rejected; returns what the gate is to know. */
  #conclude(shipment: Shipment<Batch>, result: WriteResult<Batch>): RequestOutcome {
    const { rejected, retry, doubtful, before } = result
    const { batch } = shipment
    const leftRecords = retry.reduce((sum, left) => sum + left.records, doubtful?.batch.records ?? 0)
    const written = batch.records - leftRecords - rejected.length
    this.#parts.breaker.note(written, rejected.length)
    this.#lastFailure = result.failure
    const kept = this.#reject(rejected, result.rejectedAgain)
    const next = retry.map((left): Shipment<Batch> => ({ ...shipment, batch: left }))
    if (kept) next.push(this.#failedAgain(shipment, kept, written > 0))
    if (doubtful) next.push(...this.#doubt(shipment, doubtful, written > 0))
    this.#replace(shipment, next)
    const isDelayed = next.length > 0 && (before === 'backoff' || doubtful !== undefined || kept !== undefined)
    if (isDelayed && this.#lastFailure) this.#observer.delayed(this.#lastFailure)
    if (retry.length > 0 && before === 'backoff') return 'overloaded'
    if (written > 0) return 'taken'
    if (isDelayed) return 'overloaded'
    return next.length > 0 ? 'answered' : 'well'
  }

  /** Tells the rejections; or gives back a batch of them, to be kept where the target refuses too much. */
  #reject(rejected: readonly SinkRejection[], again: (() => Batch) | undefined): Batch | undefined {
    const [first] = rejected
    if (first !== undefined && again !== undefined && this.#parts.breaker.isTripped) {
      const reason = `it refuses most documents, which wait instead of becoming dead letters: ${first.reason}`
      this.#lastFailure = { code: 'SINK_REFUSES', reason, needsPerson: true }
      return again()
    }
    for (const rejection of rejected) this.#observer.rejected(rejection)
    return undefined
  }

  /** Documents that may be at fault: sent again later, in halves, or given up. */
  #doubt(
    shipment: Shipment<Batch>,
    { batch, fault }: NonNullable<WriteResult<Batch>['doubtful']>,
    wroteOthers: boolean,
  ): Shipment<Batch>[] {
    const again = this.#failedAgain(shipment, batch, wroteOthers)
    const isKnown = fault === 'each' || batch.records === 1
    const { reason = '' } = this.#lastFailure ?? {}
    if (isKnown && again.tries >= triesMax && batch.rejections) {
      const text = `${again.tries} times, while other documents were written: ${reason}`
      this.#parts.breaker.note(0, batch.records)
      const kept = this.#reject(batch.rejections('DOCUMENT_REFUSED', text), () => batch)
      return kept ? [again] : []
    }
    const isWorthHalving = again.tries > shipment.tries || again.failures === failuresBeforeHalving
    if (isKnown || !isWorthHalving || !batch.halves) return [again]
    const halved = this.#failedAgain({ ...shipment, failures: 0 }, batch, wroteOthers)
    return batch.halves().map((half) => ({ ...halved, batch: half, tries: Math.min(again.tries, 1) }))
  }

  /** The batch for another try, later each time; a try counts only if the target took something else meanwhile. */
  #failedAgain(shipment: Shipment<Batch>, batch: Batch, wroteOthers: boolean): Shipment<Batch> {
    const { gate, clock, backoff } = this.#parts
    const tookOthers = wroteOthers || shipment.tries > 0 || (shipment.failures > 0 && gate.taken > shipment.takenBefore)
    const failures = shipment.failures + 1
    this.#areWaiting = true
    return {
      ...shipment,
      batch,
      failures,
      tries: shipment.tries + (tookOthers ? 1 : 0),
      takenBefore: gate.taken + (wroteOthers ? 1 : 0),
      notBeforeMs: clock.monotonicMs() + waitAfter(failures, backoff),
    }
  }

  /** The batches that are left take its place, so that order holds. */
  #replace(shipment: Shipment<Batch>, next: readonly Shipment<Batch>[]): void {
    let { records, bytes } = shipment.batch
    for (const left of next) {
      records -= left.batch.records
      bytes -= left.batch.bytes
    }
    this.#observer.settled(records, bytes)
    this.#shipments.splice(this.#shipments.indexOf(shipment), 1, ...next)
    // A target that did not take all of it may still be reading it.
    if (next.length === 0) shipment.batch.release()
  }

  /**
   * Those that wait on their own are due without anybody's doing. `nowMs`: of the look that found nothing else to send;
   * a wait that has ended since then would be missed by another one.
   */
  #wakeForWaiting(nowMs: number): void {
    if (!this.#areWaiting) return
    this.#timer?.cancel()
    this.#timer = undefined
    let dueMs = Number.POSITIVE_INFINITY
    for (const { inFlight, notBeforeMs } of this.#shipments) {
      if (!inFlight && notBeforeMs > nowMs) dueMs = Math.min(dueMs, notBeforeMs)
    }
    this.#areWaiting = Number.isFinite(dueMs)
    if (!this.#areWaiting) return
    this.#timer = this.#parts.clock.setTimer(Math.ceil(dueMs - nowMs), () => {
      this.#timer = undefined
      this.start()
    })
  }
}
