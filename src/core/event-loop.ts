import type { Clock } from './clock.ts'

/** How long work runs before sockets, timers and heartbeats of the process get their turn. */
const turnMsMax = 10

/** Lets sockets, timers and heartbeats of the process have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Cuts long work into turns of the event loop. */
export class Turns {
  readonly #clock: Clock
  #startedMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
  }

  /** Called between pieces of the work: gives the loop away when this turn has lasted long enough. */
  async next(): Promise<void> {
    if (this.#clock.monotonicMs() - this.#startedMs < turnMsMax) return
    await nextTurn()
    this.#startedMs = this.#clock.monotonicMs()
  }
}
