export interface Timer {
  cancel(): void
}

/**
 * The only source of time. The runtime never calls `Date.now` or `setTimeout` itself, so that tests and the simulator
 * own time (`ManualClock`).
 */
export interface Clock {
  /** Wall-clock milliseconds since the epoch. */
  nowMs(): number
  /** Monotonic milliseconds with fractions, for durations. */
  monotonicMs(): number
  /** Calls the function once after `delayMs` milliseconds, unless the timer is canceled. */
  setTimer(delayMs: number, callback: () => void): Timer
  /** Resolves after `delayMs`. */
  sleep(delayMs: number): Promise<void>
}

/** The longest time that `setTimeout` can hold; it makes 1 ms of anything longer. */
const longestTimeoutMs = 0x7fff_ffff

/** A delay of any length, as timeouts one after the other; one that has no end is never over. */
function startTimer(delayMs: number, callback: () => void): Timer {
  const start = (leftMs: number): NodeJS.Timeout =>
    leftMs > longestTimeoutMs
      ? setTimeout(() => void (handle = start(leftMs - longestTimeoutMs)), longestTimeoutMs)
      : setTimeout(callback, leftMs)
  let handle = start(delayMs)
  return { cancel: () => clearTimeout(handle) }
}

/** The clock of the machine. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: startTimer,
  sleep: (delayMs: number) => new Promise<void>((resolve) => void startTimer(delayMs, resolve)),
})

interface ManualTimer {
  readonly dueMs: number
  readonly sequence: number
  readonly callback: () => void
}

/** A clock that moves only by `advance`; timers that are due run in order of due time, then of creation. */
export class ManualClock implements Clock {
  #nowMs: number
  #sequence = 0
  readonly #timers = new Set<ManualTimer>()

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  /** Calls the function during the `advance` that reaches its time, unless the timer is canceled. */
  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#nowMs + delayMs, sequence: this.#sequence++, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(delayMs, resolve))
  }

  /** Moves time forward by this number of milliseconds and runs the timers that are due, synchronously. */
  advance(byMs: number): void {
    const targetMs = this.#nowMs + byMs
    for (let timer = this.#nextDue(targetMs); timer !== undefined; timer = this.#nextDue(targetMs)) {
      this.#timers.delete(timer)
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      timer.callback()
    }
    this.#nowMs = targetMs
  }

  /** Moves time forward without running what is due, which runs with the next `advance`. */
  jump(byMs: number): void {
    this.#nowMs += byMs
  }

  #nextDue(targetMs: number): ManualTimer | undefined {
    let next: ManualTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs > targetMs) continue
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.sequence < next.sequence))
        next = timer
    }
    return next
  }
}
