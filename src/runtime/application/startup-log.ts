import type { Clock, Timer } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { ApplicationState } from '../application/application-status.ts'
import type { ThreadHandle } from '../thread/thread-handle.ts'

const everyMs = 1000

/** Says each second what an application waits for that does not run yet. */
export class StartupLog {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #threads: () => readonly ThreadHandle[]
  #step = ''
  #startedMs = 0
  #timer: Timer | undefined

  constructor(clock: Clock, logger: Logger, threads: () => readonly ThreadHandle[]) {
    this.#clock = clock
    this.#logger = logger
    this.#threads = threads
  }

  /** What the start does now. */
  step(name: string): void {
    this.#step = name
  }

  follow(state: ApplicationState): void {
    if (state !== 'STARTING' && state !== 'REBALANCING') {
      this.#timer?.cancel()
      this.#timer = undefined
    } else if (this.#timer === undefined) {
      this.#startedMs = this.#clock.monotonicMs()
      this.#tellLater()
    }
  }

  #tellLater(): void {
    this.#timer = this.#clock.setTimer(everyMs, () => {
      const waitedMs = Math.round(this.#clock.monotonicMs() - this.#startedMs)
      const threads = this.#threads()
      const waitsFor = threads.length === 0 ? [this.#step] : threads.flatMap(waitedForBy)
      this.#logger.info({ waitsFor, waitedMs }, 'not running yet')
      this.#tellLater()
    })
  }
}

function waitedForBy(thread: ThreadHandle): string[] {
  if (thread.state === 'RUNNING') return []
  const { restoring: progress } = thread.status()
  if (thread.taskStatuses().length === 0) return [`${thread.name}: the group, or tasks that are being opened`]
  const restoring = progress.filter(({ remaining }) => remaining > 0)
  if (restoring.length === 0)
    return [`${thread.name}: the group, tasks that are being opened, or start offsets of inputs`]
  return restoring.map(
    ({ taskId, store, remaining }) => `${thread.name}: ${remaining} rows of ${store} of task ${taskId}`,
  )
}
