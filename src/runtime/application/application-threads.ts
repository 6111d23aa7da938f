import type { Timer } from '../../core/clock.ts'
import { errorCode, errorMessage } from '../../core/errors.ts'
import { shown } from '../../core/shown.ts'
import { addCounters, newCounters, type TaskCounters } from '../counters.ts'
import type { UncaughtErrorChoice } from '../settings.ts'
import type { StopOptions, ThreadHandle } from '../thread/thread-handle.ts'
import type { ThreadEnvironment } from '../thread/thread-environment.ts'
import type { ThreadKind } from '../thread/thread-kind.ts'
import { requestShutdown } from './shutdown-request.ts'

const choices: readonly UncaughtErrorChoice[] = ['replace-thread', 'shut-down', 'shut-down-application']
const firstBackoffMs = 200
const longestBackoffMs = 30_000
/** A thread that ran for so long did not fail at once: the next wait is short again. */
const provenMs = 60_000

/**
 * The threads of an application. One that failed is replaced under its own name, as a static member keeps its tasks by
 * it. Made by `Application.start`; it decides with `uncaughtErrorHandler` what a failed thread means: `replace-thread`
 * starts another one after a backoff of 200 ms, doubled up to 30 s as long as threads fail within a minute, `shut-down`
 * ends the application in this process, `shut-down-application` in all processes. Where another process asks for the
 * latter, nothing is decided: the application ends.
 */
export class ApplicationThreads {
  readonly #environment: ThreadEnvironment
  readonly #kind: ThreadKind
  readonly #taskLags: () => ReadonlyMap<string, number>
  readonly #onFailed: (error: unknown) => void
  readonly #backoffMs = new Map<number, number>()
  /** Numbers of threads that wait to be replaced. */
  readonly #waiting = new Map<number, Timer>()
  /** Numbers of the threads that there are to be, in the order in which they were added. */
  readonly #wanted = new Set<number>()
  readonly #numbers = new Map<ThreadHandle, number>()
  /** Removed and not stopped yet, with their numbers, by which they have directories and transactional ids. */
  readonly #leaving = new Map<ThreadHandle, number>()
  #isStopping = false
  /** All processes are being asked to end. */
  #asking: Promise<void> | undefined
  /** Counts of threads that failed or were removed. */
  readonly #countersOfLost = newCounters()

  /** `onFailed` is called with errors that no new thread replaces. */
  constructor(
    environment: ThreadEnvironment,
    kind: ThreadKind,
    taskLags: () => ReadonlyMap<string, number>,
    onFailed: (error: unknown) => void,
  ) {
    this.#environment = environment
    this.#kind = kind
    this.#taskLags = taskLags
    this.#onFailed = onFailed
  }

  /** The threads as they are now: those that wait to be replaced are missing. */
  get all(): readonly ThreadHandle[] {
    return [...this.#numbers.keys()]
  }

  /** There are threads, and every one of them runs. */
  get areRunning(): boolean {
    const { size } = this.#numbers
    return size > 0 && size === this.#wanted.size && this.all.every(({ state }) => state === 'RUNNING')
  }

  /** What each thread waits for, in plain words. */
  get waits(): readonly string[] {
    const { clientId } = this.#environment.settings
    if (this.#wanted.size === 0) return ['a thread: addThread adds one']
    return [
      ...this.all.flatMap((thread) => thread.status().waits.map((wait) => `${thread.name}: ${wait}`)),
      ...[...this.#waiting.keys()].map((number) => `${clientId}-thread-${number}: failed, waiting to be replaced`),
    ]
  }

  /** Tasks that the threads could not commit when they stopped. */
  get uncommitted(): readonly string[] {
    return this.all.flatMap((thread) => thread.uncommitted)
  }

  /** Of all tasks since the start, those of threads that failed or were removed included. */
  counters(): TaskCounters {
    const sum = newCounters()
    addCounters(sum, this.#countersOfLost)
    for (const thread of [...this.all, ...this.#leaving.keys()]) addCounters(sum, thread.counters())
    return sum
  }

  /** Starts all threads; does not wait for them. */
  start(): void {
    const { threads } = this.#environment.settings
    for (let number = 1; number <= threads; number++) this.#wanted.add(number)
    for (const number of this.#wanted) this.#start(number)
  }

  /** Starts one more and returns its name; does not wait for it. */
  add(): string {
    const taken = new Set([...this.#wanted, ...this.#leaving.values()])
    let number = 1
    while (taken.has(number)) number++
    this.#wanted.add(number)
    return this.#start(number).name
  }

  /**
   * Stops the thread that was added last and returns its name; a static member leaves the group, as it will not return.
   * undefined: there is none, or only one that waits to be replaced.
   */
  async remove(timeoutMs: number): Promise<string | undefined> {
    const number = [...this.#wanted].at(-1)
    if (number === undefined) return undefined
    this.#wanted.delete(number)
    this.#waiting.get(number)?.cancel()
    this.#waiting.delete(number)
    const thread = this.all.find((one) => this.#numbers.get(one) === number)
    if (thread === undefined) return undefined
    this.#numbers.delete(thread)
    this.#leaving.set(thread, number)
    await thread.stop({ timeoutMs, leaveGroup: true })
    this.#leaving.delete(thread)
    addCounters(this.#countersOfLost, thread.counters())
    return thread.name
  }

  #start(number: number): ThreadHandle {
    const { clock, settings } = this.#environment
    const environment = { ...this.#environment, settings: { ...settings, threads: Math.max(1, this.#wanted.size) } }
    const thread = this.#kind.create(environment, number, this.#taskLags)
    const startedMs = clock.monotonicMs()
    this.#numbers.set(thread, number)
    thread.start().catch((error: unknown) => {
      if (clock.monotonicMs() - startedMs >= provenMs) this.#backoffMs.delete(number)
      this.#failed(number, thread, error)
    })
    return thread
  }

  #failed(index: number, thread: ThreadHandle, error: unknown): void {
    this.#environment.listener.onError?.(thread.name, error)
    if (!this.#numbers.delete(thread)) return
    addCounters(this.#countersOfLost, thread.counters())
    if (this.#isStopping) return
    const choice = errorCode(error) === 'GROUP_SHUTDOWN' ? 'shut-down' : this.#choice(error)
    if (choice === 'shut-down-application') {
      this.#replaceNone()
      this.#asking = requestShutdown(this.#environment, thread.name)
      void this.#asking.then(() => this.#onFailed(error))
      return
    }
    if (choice === 'shut-down') {
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
      this.#waiting.delete(index)
      try {
        this.#start(index)
      } catch (error) {
        this.#onFailed(error)
      }
    })
    this.#waiting.set(index, timer)
  }

  /** A handler that fails, or returns something else, has not chosen to continue. */
  #choice(error: unknown): UncaughtErrorChoice {
    const { settings, logger } = this.#environment
    try {
      const choice: unknown = settings.uncaughtErrorHandler(error)
      const known = choices.find((each) => each === choice)
      if (known !== undefined) return known
      Promise.resolve(choice).catch(() => {})
      const what = `uncaughtErrorHandler must return one of ${choices.map(shown).join(', ')}: the application ends`
      logger.error({ choice }, what)
    } catch (handlerError) {
      logger.error({ error: errorMessage(handlerError) }, 'uncaughtErrorHandler threw: the application ends')
    }
    return 'shut-down'
  }

  /** Stops all threads within the time, concurrently, and replaces none any more. */
  async stop(options: StopOptions): Promise<void> {
    this.#replaceNone()
    await Promise.all([...this.all, ...this.#leaving.keys()].map((thread) => thread.stop(options)))
    await this.#asking
  }

  #replaceNone(): void {
    this.#isStopping = true
    for (const timer of this.#waiting.values()) timer.cancel()
    this.#waiting.clear()
  }
}
