import { MillraceError } from '../core/errors.ts'
import type { Application } from '../runtime/application/application.ts'
import type { TaskStatus, ThreadStatus } from '../runtime/thread/thread-status.ts'

/** How long there may be no progress. */
const limitMs = 10_000
/** What a single look adds at most: a clock that was moved far in one step proves nothing. */
const lookMsMax = 500

interface Seen {
  /** What has been done so far; anything that changes is progress. */
  done: string
  stuckMs: number
}

/**
 * Looks at applications again and again, and throws NO_PROGRESS when a thread has completed no round for 10 s, or when
 * one that is RUNNING gets nowhere for 10 s although input waits: no record processed, no offset committed.
 */
export class ProgressWatch {
  readonly #clock: { monotonicMs(): number }
  readonly #seen = new Map<string, Seen>()
  #lookedMs: number
  #looks = 0

  constructor(clock: { monotonicMs(): number }) {
    this.#clock = clock
    this.#lookedMs = clock.monotonicMs()
  }

  /** How often it has looked at an application. */
  get looks(): number {
    return this.#looks
  }

  look(applications: Iterable<Application>): void {
    const nowMs = this.#clock.monotonicMs()
    const passedMs = Math.min(lookMsMax, nowMs - this.#lookedMs)
    this.#lookedMs = nowMs
    let index = 0
    for (const application of applications) {
      const { threads, tasks, state } = application.status()
      const name = `${application.settings.applicationId}/${index++}`
      this.#looks++
      for (const thread of threads) this.#lookAtRounds(`${name}/${thread.name}`, thread, nowMs, passedMs)
      if (state === 'RUNNING') this.#lookAtInput(name, tasks, application.settings.commitIntervalMs, passedMs)
      else this.#seen.delete(name)
    }
  }

  #lookAtRounds(name: string, thread: ThreadStatus, nowMs: number, passedMs: number): void {
    const isOver = thread.state === 'STOPPED' || thread.state === 'CREATED' || thread.phase === 'closing'
    const done = isOver ? 'over' : String(nowMs - thread.sinceRoundMs)
    const stuckMs = this.#stuckFor(name, done, passedMs)
    if (!isOver && stuckMs >= limitMs) {
      throw noProgress(`thread ${thread.name} has completed no round for ${limitMs} ms: it is ${thread.phase}`)
    }
  }

  #lookAtInput(name: string, tasks: readonly TaskStatus[], commitIntervalMs: number, passedMs: number): void {
    const waiting = tasks.filter(({ partitions }) => partitions.some(({ lagRecords }) => (lagRecords ?? 0) > 0))
    const done = JSON.stringify(
      waiting.map(({ taskId, processed, partitions }) => [
        taskId,
        processed,
        partitions.map(({ committedOffset, position }) => [committedOffset, position]),
      ]),
    )
    const stuckMs = this.#stuckFor(name, done, passedMs)
    if (waiting.length > 0 && stuckMs >= limitMs + commitIntervalMs) {
      throw noProgress(
        `tasks ${waiting.map(({ taskId }) => taskId).join(', ')} made no progress although input is waiting: ${done}`,
      )
    }
  }

  #stuckFor(name: string, done: string, passedMs: number): number {
    const seen = this.#seen.get(name)
    if (seen === undefined || seen.done !== done) {
      this.#seen.set(name, { done, stuckMs: 0 })
      return 0
    }
    seen.stuckMs += passedMs
    return seen.stuckMs
  }
}

function noProgress(message: string): MillraceError {
  return new MillraceError('NO_PROGRESS', 'fatal', message)
}
