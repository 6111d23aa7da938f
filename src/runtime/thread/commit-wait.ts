import { errorCode, type MillraceError } from '../../core/errors.ts'
import { type PassingTrouble, Patience } from './patience.ts'

const defaultRetryAfterMs = 1000
const drainRetryAfterMs = 20

/**
 * Whether the commit of one task waits for something that concerns only this task, while the others continue: a sink
 * that takes nothing, asynchronous calls, local state that could not be written. A task times out, not its thread
 * (KIP-572).
 */
export class CommitWait {
  readonly #patience: Patience
  #notBeforeMs: number | undefined
  #isDraining = false
  #tries = 0
  #trouble: PassingTrouble | undefined

  constructor(taskId: string) {
    this.#patience = new Patience(`task ${taskId} could not be committed`, taskId)
  }

  /** Monotonic time before which the commit is not tried again; undefined while it does not wait. */
  get notBeforeMs(): number | undefined {
    return this.#notBeforeMs
  }

  /** Why it waits; undefined while it does not. */
  get trouble(): PassingTrouble | undefined {
    return this.#trouble
  }

  /** The task gets no record until its asynchronous calls have come to an end. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  /**
   * The commit failed with a retriable error. Throws TASK_TIMEOUT after `taskTimeoutMs` with nothing but such errors; a
   * sink may be unreachable for any time, because it delays only its own documents. Returns how often the commit has
   * waited.
   */
  begin(error: unknown, nowMs: number, taskTimeoutMs: number): number {
    const retryAfterMs = (error as MillraceError).details?.['retryAfterMs']
    const code = errorCode(error)
    this.#trouble = { code: code ?? 'UNKNOWN', sinceMs: this.#trouble?.sinceMs ?? nowMs }
    this.#isDraining = code === 'ASYNC_NOT_DRAINED'
    const delayMs = this.#isDraining ? drainRetryAfterMs : defaultRetryAfterMs
    this.#notBeforeMs = nowMs + (typeof retryAfterMs === 'number' ? retryAfterMs : delayMs)
    if (code === 'SINK_BACKPRESSURE') this.#patience.renew()
    else this.#patience.spend(error, nowMs, taskTimeoutMs)
    return ++this.#tries
  }

  /** The task is committed. Returns how often that has waited, and for how long; undefined: it has not. */
  end(nowMs: number): { readonly tries: number; readonly waitedMs: number } | undefined {
    const waited =
      this.#trouble === undefined ? undefined : { tries: this.#tries, waitedMs: nowMs - this.#trouble.sinceMs }
    this.#notBeforeMs = undefined
    this.#patience.renew()
    this.#isDraining = false
    this.#tries = 0
    this.#trouble = undefined
    return waited
  }
}
