import { errorCode, type MillraceError } from '../../core/errors.ts'
import { type PassingTrouble, Patience } from './patience.ts'

const defaultRetryAfterMs = 1000
const drainRetryAfterMs = 20
/** How long a task stays out of the transactions of its thread, the first time and at most. */
const suspensionMs = [1000, 30_000] as const

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
  /** Since when it has held up the commit that others take part in. */
  #heldSinceMs: number | undefined
  #suspendedUntilMs: number | undefined
  #nextSuspensionMs: number = suspensionMs[0]

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

  /** Its commit is not to be tried yet. */
  waitsAt(nowMs: number): boolean {
    return this.#notBeforeMs !== undefined && nowMs < this.#notBeforeMs
  }

  /** How long it has kept others from committing; 0 while it does not. */
  heldForMs(nowMs: number): number {
    return this.#heldSinceMs === undefined ? 0 : nowMs - this.#heldSinceMs
  }

  /** It takes no part in commits, and processes nothing. */
  get isSuspended(): boolean {
    return this.#suspendedUntilMs !== undefined
  }

  /** Its interval was taken back: it stays out of commits for a time that doubles until one succeeds. Returns the time. */
  suspend(nowMs: number): number {
    const forMs = this.#nextSuspensionMs
    this.#suspendedUntilMs = nowMs + forMs
    this.#nextSuspensionMs = Math.min(2 * forMs, suspensionMs[1])
    this.#begunAgain()
    return forMs
  }

  /** The time of a suspension is over: it takes part again. False where it was not suspended, or still is. */
  resume(nowMs: number): boolean {
    if (this.#suspendedUntilMs === undefined || nowMs < this.#suspendedUntilMs) return false
    this.#suspendedUntilMs = undefined
    return true
  }

  /** The task has begun again at its last commit, so that nothing of it waits. */
  takenBack(): void {
    this.#begunAgain()
  }

  #begunAgain(): void {
    this.#notBeforeMs = undefined
    this.#heldSinceMs = undefined
    this.#isDraining = false
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
    this.#heldSinceMs ??= nowMs
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
    this.#begunAgain()
    this.#patience.renew()
    this.#nextSuspensionMs = suspensionMs[0]
    this.#tries = 0
    this.#trouble = undefined
    return waited
  }
}
