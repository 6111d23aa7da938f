import type { Backoff } from '../../../core/backoff.ts'
import type { Clock } from '../../../core/clock.ts'
import { type ErrorCode, consequenceOf, MillraceError } from '../../../core/errors.ts'

const timerSlackMs = 10

/** A point of monotonic time by which something must be done. */
export class Deadline {
  readonly #clock: Clock
  readonly #atMs: number

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#atMs = clock.monotonicMs() + timeoutMs
  }

  /** 0 when it is over. */
  remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs())
  }

  /** A timer may ring early, by as long as the work took that it was set in. */
  get isOver(): boolean {
    return this.remainingMs() < timerSlackMs
  }
}

/** The first try gets this part of `requestTimeoutMs`, each later one twice as much, up to all of it. */
const firstTryShare = 1 / 3

/** How long each try may take, so that a broker which takes a request and is gone does not cost all the time there is. */
export class Tries {
  readonly #deadline: Deadline
  readonly #mostMs: number
  #nextMs: number

  constructor(deadline: Deadline, requestTimeoutMs: number) {
    this.#deadline = deadline
    this.#mostMs = requestTimeoutMs
    this.#nextMs = requestTimeoutMs * firstTryShare
  }

  /** The time of the next try; never longer than the deadline leaves. */
  nextMs(): number {
    const tryMs = Math.min(this.#nextMs, this.#mostMs, this.#deadline.remainingMs())
    this.#nextMs *= 2
    return tryMs
  }
}

/**
 * Runs the step until it succeeds; waits between tries. An error that is not retriable ends it, and the deadline with the
 * last error that came before it; `isRetriable` may widen or narrow what is tried again.
 */
export async function retryUntil<T>(
  clock: Clock,
  deadline: Deadline,
  backoff: Backoff,
  step: () => Promise<T>,
  isRetriable: (error: unknown) => boolean = (error) => consequenceOf(error) === 'retriable',
): Promise<T> {
  let failure: unknown
  for (;;) {
    try {
      return await step()
    } catch (error) {
      if (!isRetriable(error)) throw error
      // A try that the deadline cut short does not know why those before it failed.
      if (failure === undefined || !deadline.isOver) failure = error
      const waitMs = backoff.nextMs()
      if (waitMs >= deadline.remainingMs()) throw failure
      await clock.sleep(waitMs)
    }
  }
}

/** Makes the error with which `within` rejects for work of this name. */
export function late(code: ErrorCode, what: string, timeoutMs: number): () => MillraceError {
  return () => new MillraceError(code, 'retriable', `${what} took longer than ${Math.round(timeoutMs)} ms`)
}
