import { consequenceOf, errorMessage, MillraceError } from '../core/errors.ts'

const firstWaitMs = 200
const longestWaitMs = 5000

/** Patience with one thing that fails for now: longer waits each time, and an end after `taskTimeoutMs` (KIP-572). */
export class Retry {
  /** As in "task 0_1 could not be opened". */
  readonly #what: string
  readonly #taskTimeoutMs: number
  #sinceMs: number | undefined
  #waitMs = firstWaitMs
  #notBeforeMs = Number.NEGATIVE_INFINITY

  constructor(what: string, taskTimeoutMs: number) {
    this.#what = what
    this.#taskTimeoutMs = taskTimeoutMs
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#notBeforeMs
  }

  /** Returns how long to wait. Throws what no retry mends, and TASK_TIMEOUT after `taskTimeoutMs` without success. */
  failed(error: unknown, nowMs: number): number {
    if (consequenceOf(error) !== 'retriable') throw error
    this.#sinceMs ??= nowMs
    if (nowMs - this.#sinceMs > this.#taskTimeoutMs) {
      const sentence = `${this.#what} for ${this.#taskTimeoutMs} ms (taskTimeoutMs): ${errorMessage(error)}`
      const { taskId } = (error as MillraceError).details ?? {}
      throw new MillraceError('TASK_TIMEOUT', 'fatal', sentence, { cause: error, details: { taskId } })
    }
    const waitMs = this.#waitMs
    this.#notBeforeMs = nowMs + waitMs
    this.#waitMs = Math.min(2 * waitMs, longestWaitMs)
    return waitMs
  }

  succeeded(): void {
    this.#sinceMs = undefined
    this.#waitMs = firstWaitMs
    this.#notBeforeMs = Number.NEGATIVE_INFINITY
  }
}
