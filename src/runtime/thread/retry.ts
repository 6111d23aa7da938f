import type { Clock } from '../../core/clock.ts'
import { consequenceOf, errorCode, errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import { type PassingTrouble, Patience } from './patience.ts'

const firstWaitMs = 200
const longestWaitMs = 5000

/**
 * One step that may fail: failures are retried after growing waits, and given up after `taskTimeoutMs`. The first one is
 * logged, then each after twice as many tries.
 */
export class Retry {
  readonly #what: string
  readonly #taskTimeoutMs: number
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #patience: Patience
  #waitMs = firstWaitMs
  #tries = 0
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #trouble: PassingTrouble | undefined

  /** `what`: as in "task 0_1 could not be opened". */
  constructor(what: string, taskTimeoutMs: number, clock: Clock, logger: Logger, taskId?: string) {
    this.#what = what
    this.#taskTimeoutMs = taskTimeoutMs
    this.#clock = clock
    this.#logger = logger
    this.#patience = new Patience(what, taskId)
  }

  get isDue(): boolean {
    return this.#clock.monotonicMs() >= this.#notBeforeMs
  }

  /** Why it is retried; undefined while it is not. */
  get trouble(): PassingTrouble | undefined {
    return this.#trouble
  }

  /** Returns how long to wait. Throws errors that are not retriable, and TASK_TIMEOUT. */
  failed(error: unknown): number {
    if (consequenceOf(error) !== 'retriable') throw error
    const nowMs = this.#clock.monotonicMs()
    this.#patience.spend(error, nowMs, this.#taskTimeoutMs)
    this.#trouble = { code: errorCode(error) ?? 'UNKNOWN', sinceMs: this.#trouble?.sinceMs ?? nowMs }
    const waitMs = this.#waitMs
    this.#notBeforeMs = nowMs + waitMs
    this.#waitMs = Math.min(2 * waitMs, longestWaitMs)
    const fields = { code: errorCode(error), error: errorMessage(error), waitMs, tries: ++this.#tries }
    if (Number.isInteger(Math.log2(this.#tries))) this.#logger.warn(fields, `${this.#what}: retrying`)
    return waitMs
  }

  succeeded(): void {
    this.#patience.renew()
    this.#waitMs = firstWaitMs
    this.#tries = 0
    this.#notBeforeMs = Number.NEGATIVE_INFINITY
    this.#trouble = undefined
  }

  /** Does it if its time has come; undefined when it waits. Rejects as `failed` throws. */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (!this.isDue) return undefined
    try {
      const result = await act()
      this.succeeded()
      return result
    } catch (error) {
      this.failed(error)
      return undefined
    }
  }

  /** Does it until it passes. Rejects as `failed` throws, and with the last error once nobody wants it any more. */
  async insist<T>(act: () => Promise<T>, isStopped: () => boolean): Promise<T> {
    for (;;) {
      try {
        const result = await act()
        this.succeeded()
        return result
      } catch (error) {
        if (!isStopped()) await this.#clock.sleep(this.failed(error))
        if (isStopped()) throw error
      }
    }
  }
}
