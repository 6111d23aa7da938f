import { type BackoffOptions, waitAfter } from '../core/backoff.ts'
import type { Clock, Timer } from '../core/clock.ts'
import type { SinkFailure } from './batch-target.ts'

export interface TargetGateSettings {
  /** Concurrent requests, over all sinks of the factory. */
  readonly inFlight: number
  readonly backoff: BackoffOptions
}

/**
 * How a request ended for the gate:
 * - `taken`: documents were written
 * - `well`: none was, by no fault of the target
 * - `answered`: none was, but the same may be asked again at once
 * - `overloaded`: the target takes nothing at the moment
 * - `aborted`: says nothing about the target
 */
export type RequestOutcome = 'taken' | 'well' | 'answered' | 'overloaded' | 'aborted'

/** A target may ask for more; whoever waits for hours has no use of a file that is full meanwhile. */
export const retryAfterMaxMs = 60_000

/**
 * Lets requests through to one target: a bounded number concurrently; after a failure none until a backoff is over, and
 * then single requests until one succeeds.
 */
export class TargetGate {
  readonly #settings: TargetGateSettings
  readonly #clock: Clock
  readonly #random: () => number
  readonly #waiters = new Set<() => void>()
  #inFlight = 0
  #failures = 0
  #failure: SinkFailure | undefined
  #taken = 0
  #closedUntilMs = 0
  #askedSinceMs: number | undefined
  #stateSinceMs: number
  #timer: Timer | undefined

  constructor(settings: TargetGateSettings, clock: Clock, random: () => number = Math.random) {
    this.#settings = settings
    this.#clock = clock
    this.#random = random
    this.#stateSinceMs = clock.monotonicMs()
  }

  /** Called whenever a request may pass that could not before; it may be called without need. */
  subscribe(waiter: () => void): void {
    this.#waiters.add(waiter)
  }

  unsubscribe(waiter: () => void): void {
    this.#waiters.delete(waiter)
    if (this.#waiters.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** How long nothing passes because of failures; 0 when the gate is open. */
  get closedForMs(): number {
    return Math.max(0, this.#closedUntilMs - this.#clock.monotonicMs())
  }

  /** How long the target has taken nothing since it was asked; 0 when all that it was asked for is taken. */
  get silentForMs(): number {
    return this.#askedSinceMs === undefined ? 0 : this.#clock.monotonicMs() - this.#askedSinceMs
  }

  /** Requests that failed in a row; what failed together counts as one. */
  get failures(): number {
    return this.#failures
  }

  /** The last of them; undefined while the target takes what it is sent. */
  get failure(): SinkFailure | undefined {
    return this.#failure
  }

  /** Requests so far by which documents were written. */
  get taken(): number {
    return this.#taken
  }

  /** Since the target takes what it is sent, or since it does not. */
  get stateForMs(): number {
    return this.#clock.monotonicMs() - this.#stateSinceMs
  }

  get hasPlace(): boolean {
    const places = this.#failures > 0 ? 1 : this.#settings.inFlight
    return this.#inFlight < places && this.closedForMs === 0
  }

  /** Takes a place if there is one; each place is given back by `leave`. */
  tryEnter(): boolean {
    if (!this.hasPlace) return false
    this.#inFlight++
    this.#askedSinceMs ??= this.#clock.monotonicMs()
    return true
  }

  leave(outcome: RequestOutcome, failure?: SinkFailure): void {
    this.#inFlight--
    if (outcome === 'overloaded') this.#close(failure)
    else if (this.#inFlight === 0) this.#askedSinceMs = undefined
    else if (outcome !== 'aborted') this.#askedSinceMs = this.#clock.monotonicMs()
    if (outcome === 'taken') this.#taken++
    if (outcome === 'taken' || outcome === 'well') this.#open()
    this.#callWaiters()
  }

  #open(): void {
    if (this.#failures > 0) this.#stateSinceMs = this.#clock.monotonicMs()
    this.#failures = 0
    this.#failure = undefined
    this.#closedUntilMs = 0
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #close(failure: SinkFailure | undefined): void {
    if (this.#failures === 0) this.#stateSinceMs = this.#clock.monotonicMs()
    // Requests that failed together, because they were in flight together, are one failure.
    if (this.closedForMs === 0) this.#failures++
    this.#failure = failure
    const delayMs = Math.max(
      waitAfter(this.#failures, this.#settings.backoff, this.#random),
      Math.min(retryAfterMaxMs, failure?.retryAfterMs ?? 0),
    )
    this.#closedUntilMs = Math.max(this.#closedUntilMs, this.#clock.monotonicMs() + delayMs)
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimer(this.closedForMs, () => this.#wake())
  }

  #wake(): void {
    this.#timer = undefined
    // A timer may fire a fraction of a millisecond before its time.
    if (this.closedForMs > 0) this.#timer = this.#clock.setTimer(Math.ceil(this.closedForMs), () => this.#wake())
    else this.#callWaiters()
  }

  #callWaiters(): void {
    for (const waiter of this.#waiters) waiter()
  }
}
