import type { Timer } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import { addCounters, newCounters, type TaskCounters } from '../counters.ts'
import type { UncaughtErrorChoice } from '../settings.ts'
import { StreamThread } from '../thread/stream-thread.ts'
import type { StopOptions, ThreadHandle } from '../thread/thread-handle.ts'
import type { ThreadEnvironment } from '../thread/thread-environment.ts'

const firstBackoffMs = 200
const longestBackoffMs = 30_000
/** A thread that ran for so long did not fail at once: the next wait is short again. */
const provenMs = 60_000

/**
 * The threads of an application. One that failed is replaced under its own name, as a static member keeps its tasks by
 * it. Made by `Application.start`; it decides with `uncaughtErrorHandler` what a failed thread means: `replace-thread`
 * starts another one after a backoff of 200 ms, doubled up to 30 s as long as threads fail within a minute, `shut-down`
 * ends the application.
 */
export class ApplicationThreads {
  readonly #environment: ThreadEnvironment
  readonly #taskLags: () => ReadonlyMap<string, number>
  readonly #onFailed: (error: unknown) => void
  readonly #backoffMs = new Map<number, number>()
  readonly #waiting = new Set<Timer>()
  #all: readonly ThreadHandle[] = []
  #isStopping = false
  /** Counts of threads that failed. */
  readonly #countersOfLost = newCounters()

  /** `onFailed` is called with errors that no new thread replaces. */
  constructor(
    environment: ThreadEnvironment,
    taskLags: () => ReadonlyMap<string, number>,
    onFailed: (error: unknown) => void,
  ) {
    this.#environment = environment
    this.#taskLags = taskLags
    this.#onFailed = onFailed
  }

  /** The threads as they are now: those that wait to be replaced are missing. */
  get all(): readonly ThreadHandle[] {
    return this.#all
  }

  /** Every thread is there and runs. */
  get areRunning(): boolean {
    const { threads } = this.#environment.settings
    return this.#all.length === threads && this.#all.every(({ state }) => state === 'RUNNING')
  }

  /** Tasks that the threads could not commit when they stopped. */
  get uncommitted(): readonly string[] {
    return this.#all.flatMap((thread) => thread.uncommitted)
  }

  /** Of all tasks since the start, those of threads that failed included. */
  counters(): TaskCounters {
    const sum = newCounters()
    for (const counters of [this.#countersOfLost, ...this.#all.map((thread) => thread.counters())])
      addCounters(sum, counters)
    return sum
  }

  /** Starts all threads; does not wait for them. */
  start(): void {
    for (let index = 1; index <= this.#environment.settings.threads; index++) this.#start(index)
  }

  #start(index: number): void {
    const { clock } = this.#environment
    const thread = new StreamThread(this.#environment, index, this.#taskLags)
    const startedMs = clock.monotonicMs()
    this.#all = [...this.#all, thread]
    thread.start().catch((error: unknown) => {
      if (clock.monotonicMs() - startedMs >= provenMs) this.#backoffMs.delete(index)
      this.#failed(index, thread, error)
    })
  }

  #failed(index: number, thread: ThreadHandle, error: unknown): void {
    addCounters(this.#countersOfLost, thread.counters())
    this.#all = this.#all.filter((other) => other !== thread)
    this.#environment.listener.onError?.(thread.name, error)
    if (this.#isStopping) return
    if (this.#choice(error) !== 'replace-thread') {
      this.#onFailed(error)
      return
    }
    const waitMs = this.#backoffMs.get(index) ?? firstBackoffMs
    this.#backoffMs.set(index, Math.min(2 * waitMs, longestBackoffMs))
    this.#environment.logger.warn({ thread: thread.name, waitMs }, 'replacing the thread')
    this.#replaceLater(index, waitMs)
  }

  /** An error while the new thread is made ends the application. */
  #replaceLater(index: number, waitMs: number): void {
    const timer = this.#environment.clock.setTimer(waitMs, () => {
      this.#waiting.delete(timer)
      try {
        this.#start(index)
      } catch (error) {
        this.#onFailed(error)
      }
    })
    this.#waiting.add(timer)
  }

  /** A handler that fails, or returns something else, has not chosen to continue. */
  #choice(error: unknown): UncaughtErrorChoice {
    const { settings, logger } = this.#environment
    try {
      const choice: unknown = settings.uncaughtErrorHandler(error)
      if (choice === 'replace-thread' || choice === 'shut-down') return choice
      Promise.resolve(choice).catch(() => {})
      logger.error({ choice }, "uncaughtErrorHandler must return 'replace-thread' or 'shut-down': the application ends")
    } catch (handlerError) {
      logger.error({ error: errorMessage(handlerError) }, 'uncaughtErrorHandler threw: the application ends')
    }
    return 'shut-down'
  }

  /** Stops all threads within the time, concurrently, and replaces none any more. */
  async stop(options: StopOptions): Promise<void> {
    this.#isStopping = true
    for (const timer of this.#waiting) timer.cancel()
    this.#waiting.clear()
    await Promise.all(this.#all.map((thread) => thread.stop(options)))
  }
}
