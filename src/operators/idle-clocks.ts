import type { RunningClock } from './running-clock.ts'

/** Forwards what a clock that has moved makes due; false: nothing was due. */
export type EmitDue = () => boolean

/**
 * The clocks of a task that move while its input is idle, in the order of their operators.
 *
 * All of them move by the same amount at the same time, so that no operator runs ahead of the one that feeds it: what
 * suppress has released as final its aggregation no longer changes.
 */
export class IdleClocks {
  readonly #seenMs = new Map<RunningClock, number>()
  readonly #emitters: EmitDue[] = []

  add(clock: RunningClock, emit: EmitDue): void {
    this.#seenMs.set(clock, clock.streamTimeMs)
    this.#emitters.push(emit)
  }

  /** Notes where the clocks are. */
  look(): void {
    for (const clock of this.#seenMs.keys()) this.#seenMs.set(clock, clock.streamTimeMs)
  }

  /** A record has moved a clock since the last `look`. */
  get haveMoved(): boolean {
    for (const [clock, seenMs] of this.#seenMs) if (clock.streamTimeMs !== seenMs) return true
    return false
  }

  /** Moves the clocks that have begun; false: none has. */
  advance(byMs: number): boolean {
    let isAdvanced = false
    for (const clock of this.#seenMs.keys()) {
      if (clock.streamTimeMs < 0) continue
      clock.advance(clock.streamTimeMs + byMs)
      isAdvanced = true
    }
    return isAdvanced
  }

  /** Each operator forwards what is due; false: nothing was. */
  emitDue(): boolean {
    let isEmitted = false
    for (const emit of this.#emitters) if (emit()) isEmitted = true
    return isEmitted
  }
}
