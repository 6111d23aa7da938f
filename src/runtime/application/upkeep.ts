import type { Clock, Timer } from '../../core/clock.ts'
import { consequenceOf, errorCode, errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Settings } from '../settings.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { SourceTopics } from '../thread/source-topics.ts'

const cleanupIntervalMs = 60_000

/**
 * What an application does by the clock from the start of its threads until `stop`: it looks for new topics and
 * partitions every `topicRefreshIntervalMs`, and deletes the state of tasks that moved away `stateCleanupDelayMs` ago.
 * A run begins when the interval has passed since the last one ended, so that runs never overlap.
 */
export class Upkeep {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #timers = new Map<string, Timer>()
  #isStopped = false

  constructor(settings: Settings, clock: Clock, logger: Logger) {
    this.#settings = settings
    this.#clock = clock
    this.#logger = logger
  }

  /**
   * Topics that were found show in the version of `topics`. `onFatal` is called with topics that the internal ones do
   * not fit, which end the application, as in Java; other errors are logged, and the next run tries again.
   */
  start(topics: SourceTopics, stateDirectory: StateDirectory, onFatal: (error: unknown) => Promise<void>): void {
    const { topicRefreshIntervalMs, stateCleanupDelayMs } = this.#settings
    this.#repeat('topics', topicRefreshIntervalMs, () =>
      topics.refresh().catch((error: unknown) => {
        if (consequenceOf(error) === 'fatal') return onFatal(error)
        const details = { code: errorCode(error), error: errorMessage(error) }
        this.#logger.warn(details, 'topic refresh failed, retrying later')
      }),
    )
    this.#repeat('state', Math.min(stateCleanupDelayMs, cleanupIntervalMs), () =>
      stateDirectory.removeUnused(stateCleanupDelayMs, this.#logger),
    )
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers.values()) timer.cancel()
  }

  #repeat(name: string, intervalMs: number, act: () => Promise<unknown>): void {
    const timer = this.#clock.setTimer(intervalMs, () => {
      void act().finally(() => {
        if (!this.#isStopped) this.#repeat(name, intervalMs, act)
      })
    })
    this.#timers.set(name, timer)
  }
}
