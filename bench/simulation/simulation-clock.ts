import type { Clock, Timer } from '../../src/core/clock.ts'
import { ManualClock } from '../../src/core/clock.ts'

/** A manual clock that knows when its next timer is due. */
export class SimulationClock extends ManualClock {
  readonly #dueMs = new Map<object, number>()

  override setTimer(delayMs: number, callback: () => void): Timer {
    const key = {}
    this.#dueMs.set(key, this.nowMs() + delayMs)
    const timer = super.setTimer(delayMs, () => {
      this.#dueMs.delete(key)
      callback()
    })
    return {
      cancel: () => {
        this.#dueMs.delete(key)
        timer.cancel()
      },
    }
  }

  /** Infinity where nothing waits. */
  get nextDueMs(): number {
    let next = Number.POSITIVE_INFINITY
    for (const dueMs of this.#dueMs.values()) next = Math.min(next, dueMs)
    return next
  }
}

/** The clock as a process sees it: while the process is stopped time passes, and nothing of it is told. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  #missed: (() => void)[] | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    let isCanceled = false
    const timer = this.#clock.setTimer(delayMs, () => {
      if (this.#missed === undefined) callback()
      else this.#missed.push(() => isCanceled || callback())
    })
    return {
      cancel: () => {
        isCanceled = true
        timer.cancel()
      },
    }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(delayMs, resolve))
  }

  stop(): void {
    this.#missed ??= []
  }

  goOn(): void {
    const missed = this.#missed ?? []
    this.#missed = undefined
    for (const callback of missed) callback()
  }
}
