import type { Clock } from '../core/clock.ts'

/** At most this much of unused time is kept. */
const keptMs = 1000

/**
 * Over time, the sinks of a replay are busy for a share of it at most: where they were busy for longer, the input waits
 * until the time is paid back. Sinks of a process are busy while one of them has a request in flight.
 */
export class SinkShare {
  readonly #clock: Clock
  readonly #busy = new Set<object>()
  #share = 1
  #leftMs = 0
  #countedMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#countedMs = clock.monotonicMs()
  }

  /** From 0 to 1; 1: no bound. */
  setShare(share: number): void {
    this.#count()
    this.#share = share
  }

  /** A sink has requests in flight, or no longer. */
  note(sink: object, isBusy: boolean): void {
    if (this.#busy.has(sink) === isBusy) return
    this.#count()
    if (isBusy) this.#busy.add(sink)
    else this.#busy.delete(sink)
  }

  /** Nothing should be read: the sinks were busy for longer than their share. */
  get isSpent(): boolean {
    this.#count()
    return this.#leftMs < 0
  }

  #count(): void {
    const nowMs = this.#clock.monotonicMs()
    const elapsedMs = nowMs - this.#countedMs
    this.#countedMs = nowMs
    const usedMs = this.#busy.size > 0 ? elapsedMs : 0
    this.#leftMs = Math.min(keptMs * this.#share, this.#leftMs + elapsedMs * this.#share - usedMs)
  }
}
