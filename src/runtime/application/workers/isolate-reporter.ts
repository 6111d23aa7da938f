import type { Clock, Timer } from '../../../core/clock.ts'
import type { RuntimeListener } from '../../listener.ts'
import type { IsolateReport, ListenerCall, ThreadSnapshot } from './messages.ts'
import { plainError } from './plain-error.ts'

/** Rounds are many: they are reported together. */
const roundsMs = 25
/** So the application sees a thread that is held by a function, and one that waits. */
const idleMs = 1000

/** Sends what a worker thread does to the application: each report has the calls of the listener and a snapshot. */
export class IsolateReporter {
  readonly #send: (report: IsolateReport) => void
  readonly #snapshot: () => ThreadSnapshot | undefined
  readonly #clock: Clock
  #calls: ListenerCall[] = []
  #timer: Timer | undefined
  #isSoon = false

  constructor(send: (report: IsolateReport) => void, snapshot: () => ThreadSnapshot | undefined, clock: Clock) {
    this.#send = send
    this.#snapshot = snapshot
    this.#clock = clock
    this.#later(idleMs)
  }

  readonly listener: RuntimeListener = {
    onThreadState: (...args) => this.#add('onThreadState', args, 0),
    onRebalance: (...args) => this.#add('onRebalance', args, 0),
    onRound: (...args) => this.#add('onRound', args, roundsMs),
    onCommit: (...args) => this.#add('onCommit', args, 0),
    onRestored: (...args) => this.#add('onRestored', args, 0),
    onPositionLost: (...args) => this.#add('onPositionLost', args, 0),
    onError: (thread, error) => this.#add('onError', [thread, plainError(error)], 0),
  }

  #add(method: keyof RuntimeListener, args: readonly unknown[], delayMs: number): void {
    this.#calls.push({ method, args })
    if (delayMs === 0) this.flush()
    else if (!this.#isSoon) {
      this.#isSoon = true
      this.#later(delayMs)
    }
  }

  flush(): void {
    const calls = this.#calls
    this.#calls = []
    this.#isSoon = false
    this.#send({ calls, snapshot: this.#snapshot() })
    this.#later(idleMs)
  }

  stop(): void {
    this.flush()
    this.#timer?.cancel()
  }

  #later(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimer(delayMs, () => this.flush())
  }
}
