import type { Clock, Timer } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { ApplicationState } from '../application/application-status.ts'
import type { ApplicationThreads } from './application-threads.ts'

const everyMs = 1000

/** Says each second what an application waits for that does not run yet. */
export class StartupLog {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #threads: () => Pick<ApplicationThreads, 'waits'> | undefined
  #step = ''
  #startedMs = 0
  #timer: Timer | undefined

  constructor(clock: Clock, logger: Logger, threads: () => Pick<ApplicationThreads, 'waits'> | undefined) {
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
      const waitsFor = this.#threads()?.waits ?? [this.#step]
      this.#logger.info({ waitsFor, waitedMs }, 'not running yet')
      this.#tellLater()
    })
  }
}
