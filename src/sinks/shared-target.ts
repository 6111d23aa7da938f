import type { Clock } from '../core/clock.ts'
import type { BatchTarget, SinkBatch, SinkFailure, WriteResult } from './batch-target.ts'
import { withDeadline } from './deadline.ts'
import { failureOf } from './failed-write.ts'
import type { RequestOutcome, TargetGate } from './target-gate.ts'

/**
 * One target for the sinks of all tasks: opened in the background, retried until it is open, and closed by the last
 * sink.
 */
export class SharedTarget<Batch extends SinkBatch> {
  readonly #target: BatchTarget<Batch>
  readonly #gate: TargetGate
  readonly #clock: Clock
  readonly #openTimeoutMs: number
  #users = 0
  #isOpen = false
  #opening: AbortController | undefined

  constructor(target: BatchTarget<Batch>, gate: TargetGate, clock: Clock, openTimeoutMs: number) {
    this.#target = target
    this.#gate = gate
    this.#clock = clock
    this.#openTimeoutMs = openTimeoutMs
  }

  /** Only then may be written. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  join(): void {
    this.#users++
  }

  /** Opens it if the gate lets that through; whoever waits at the gate hears of the end. */
  tryOpen(tell: (failure: SinkFailure) => void): void {
    if (this.#isOpen || this.#opening !== undefined || !this.#gate.tryEnter()) return
    void this.#open(tell)
  }

  newBatch(): Batch {
    return this.#target.newBatch()
  }

  write(batch: Batch, signal: AbortSignal): Promise<WriteResult<Batch>> {
    return this.#target.write(batch, signal)
  }

  async leave(): Promise<void> {
    if (--this.#users > 0) return
    this.#isOpen = false
    this.#opening?.abort()
    await this.#target.close()
  }

  async #open(tell: (failure: SinkFailure) => void): Promise<void> {
    const opening = new AbortController()
    this.#opening = opening
    let outcome: RequestOutcome = 'well'
    let failure: SinkFailure | undefined
    try {
      await withDeadline(this.#clock, this.#openTimeoutMs, opening, (signal) => this.#target.open(signal))
      this.#isOpen = this.#users > 0
      // The last sink left at the very end.
      if (!this.#isOpen) await this.#target.close()
    } catch (error) {
      failure = failureOf(error)
      outcome = this.#users > 0 ? 'overloaded' : 'aborted'
    }
    this.#opening = undefined
    this.#gate.leave(outcome, failure)
    if (failure !== undefined && outcome === 'overloaded') tell(failure)
  }
}
