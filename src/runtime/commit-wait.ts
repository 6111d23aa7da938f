import { errorCode, errorMessage, MillraceError } from '../core/errors.ts'

const defaultRetryAfterMs = 1000
const drainRetryAfterMs = 20

/**
 * Whether the commit of one task waits for something that is this task's alone, while the others go on: a sink that takes
 * nothing, asynchronous calls, local state that could not be written. A task times out, not its thread (KIP-572).
 */
export class CommitWait {
  readonly #taskId: string
  #notBeforeMs: number | undefined
  #sinceMs: number | undefined
  #isDraining = false
  #tries = 0

  constructor(taskId: string) {
    this.#taskId = taskId
  }

  /** Monotonic time before which the commit is not tried again; undefined while it does not wait. */
  get notBeforeMs(): number | undefined {
    return this.#notBeforeMs
  }

  /** The task gets no record until its asynchronous calls have come to an end. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  /**
   * The commit met a retriable error. Throws TASK_TIMEOUT once it has met nothing else for `taskTimeoutMs`; a sink that is
   * away may be so for any time, since it holds up its own documents only. Returns how often the commit has waited.
   */
  begin(error: unknown, nowMs: number, taskTimeoutMs: number): number {
    const retryAfterMs = (error as MillraceError).details?.['retryAfterMs']
    const code = errorCode(error)
    this.#isDraining = code === 'ASYNC_NOT_DRAINED'
    const delayMs = this.#isDraining ? drainRetryAfterMs : defaultRetryAfterMs
    this.#notBeforeMs = nowMs + (typeof retryAfterMs === 'number' ? retryAfterMs : delayMs)
    if (code === 'SINK_BACKPRESSURE') this.#sinceMs = undefined
    else if (nowMs - (this.#sinceMs ??= nowMs) > taskTimeoutMs) throw this.#timedOut(error, taskTimeoutMs)
    return ++this.#tries
  }

  /** The task is committed. */
  end(): void {
    this.#notBeforeMs = undefined
    this.#sinceMs = undefined
    this.#isDraining = false
    this.#tries = 0
  }

  #timedOut(cause: unknown, taskTimeoutMs: number): MillraceError {
    return new MillraceError(
      'TASK_TIMEOUT',
      'fatal',
      `task ${this.#taskId} could not be committed for ${taskTimeoutMs} ms (taskTimeoutMs): ${errorMessage(cause)}`,
      { cause, details: { taskId: this.#taskId } },
    )
  }
}
