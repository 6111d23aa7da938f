import { MillraceError, consequenceOf, errorMessage } from '../core/errors.ts'
import type { BatchTarget, ItemRejection, SinkItem, WriteResult } from './batch-target.ts'
import type { RequestOutcome, TargetGate } from './target-gate.ts'

interface Batch<Item> {
  readonly number: number
  items: readonly Item[]
  inFlight: boolean
}

export interface DeliveryObserver<Item> {
  rejected(rejection: ItemRejection<Item>): void
  /** Items left the buffer: written or rejected. */
  settled(items: readonly Item[]): void
  delayed(reason: string): void
}

/**
 * Brings batches to a target, the oldest first, as the gate lets them through. A batch stays here until each of its
 * items is written or rejected; what has to be tried again keeps its place in the queue.
 */
export class Delivery<Item extends SinkItem> {
  readonly #target: BatchTarget<Item>
  readonly #gate: TargetGate
  readonly #observer: DeliveryObserver<Item>
  readonly #wake = (): void => this.start()
  #batches: Batch<Item>[] = []
  #lastNumber = 0
  #abort = new AbortController()
  #failure: Error | undefined
  #lastDelay = ''
  #changed: (() => void) | undefined

  constructor(target: BatchTarget<Item>, gate: TargetGate, observer: DeliveryObserver<Item>) {
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

  enqueue(items: readonly Item[]): void {
    this.#batches.push({ number: ++this.#lastNumber, items, inFlight: false })
  }

  /** True when each batch up to this number is done. */
  isDone(number: number): boolean {
    return this.#batches.every((batch) => batch.number > number)
  }

  /** Called when a request ended in any way, and when all was discarded. */
  onChange(callback: (() => void) | undefined): void {
    this.#changed = callback
  }

  /** Sends what may be sent now; never throws. */
  start(): void {
    if (this.#failure !== undefined) return
    for (const batch of this.#batches) {
      if (batch.inFlight) continue
      if (!this.#gate.tryEnter()) return
      batch.inFlight = true
      void this.#send(batch, this.#abort.signal)
    }
  }

  /** Forgets all batches; an answer that still comes is not looked at. */
  discard(): void {
    this.#batches = []
    this.#failure = undefined
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#changed?.()
  }

  close(): void {
    this.discard()
    this.#gate.unsubscribe(this.#wake)
  }

  async #send(batch: Batch<Item>, signal: AbortSignal): Promise<void> {
    let result: WriteResult<Item> | undefined
    let error: unknown
    try {
      result = await this.#target.write(batch.items, signal)
    } catch (cause) {
      error = cause
    }
    let outcome: RequestOutcome = 'aborted'
    let retryAfterMs: number | undefined
    if (!signal.aborted) {
      batch.inFlight = false
      result ??= this.#failed(batch, error)
      if (result) {
        this.#apply(batch, result)
        outcome = result.retry.length > 0 && result.before === 'backoff' ? 'overloaded' : 'taken'
        retryAfterMs = result.retryAfterMs
      }
    }
    this.#gate.leave(outcome, retryAfterMs)
    if (signal.aborted) return
    this.#changed?.()
    this.start()
  }

  #failed(batch: Batch<Item>, error: unknown): WriteResult<Item> | undefined {
    if (consequenceOf(error) !== 'retriable') {
      this.#failure = error instanceof Error ? error : new MillraceError('SINK_FAILED', 'fatal', errorMessage(error))
      return undefined
    }
    const retryAfterMs = (error as MillraceError).details.retryAfterMs
    return {
      rejected: [],
      retry: batch.items,
      before: 'backoff',
      reason: errorMessage(error),
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
    }
  }

  #apply(batch: Batch<Item>, { rejected, retry, before, reason = '' }: WriteResult<Item>): void {
    for (const rejection of rejected) this.#observer.rejected(rejection)
    this.#settle(batch, retry)
    this.#lastDelay = reason
    const place = this.#batches.indexOf(batch)
    if (retry.length === 0) this.#batches.splice(place, 1)
    else if (before === 'split' && retry.length > 1) this.#split(batch, retry, place)
    else batch.items = retry
    if (retry.length > 0 && before === 'backoff') this.#observer.delayed(reason)
  }

  #settle(batch: Batch<Item>, retry: readonly Item[]): void {
    if (retry.length === 0) this.#observer.settled(batch.items)
    else if (retry.length < batch.items.length) {
      const kept = new Set(retry)
      this.#observer.settled(batch.items.filter((item) => !kept.has(item)))
    }
  }

  #split(batch: Batch<Item>, items: readonly Item[], place: number): void {
    const middle = items.length >> 1
    batch.items = items.slice(0, middle)
    this.#batches.splice(place + 1, 0, { number: batch.number, items: items.slice(middle), inFlight: false })
  }
}
