import { errorMessage, MillraceError } from '../../core/errors.ts'

/** What fails with retriable errors, and since when, by the monotonic clock. */
export interface PassingTrouble {
  readonly code: string
  readonly sinceMs: number
}

/** How long something may fail with retriable errors without success in between (KIP-572). */
export class Patience {
  /** As in "task 0_1 could not be opened". */
  readonly #what: string
  readonly #taskId: string | undefined
  #sinceMs: number | undefined

  constructor(what: string, taskId?: string) {
    this.#what = what
    this.#taskId = taskId
  }

  /** It has failed once more. Throws TASK_TIMEOUT when nothing else has happened for `taskTimeoutMs`. */
  spend(cause: unknown, nowMs: number, taskTimeoutMs: number): void {
    this.#sinceMs ??= nowMs
    if (nowMs - this.#sinceMs <= taskTimeoutMs) return
    throw new MillraceError(
      'TASK_TIMEOUT',
      'fatal',
      `${this.#what} for ${taskTimeoutMs} ms (taskTimeoutMs): ${errorMessage(cause)}`,
      { cause, details: { taskId: this.#taskId ?? (cause as MillraceError).details?.taskId } },
    )
  }

  renew(): void {
    this.#sinceMs = undefined
  }
}
