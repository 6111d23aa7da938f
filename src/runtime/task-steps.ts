import { errorCode, errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { OwnedTask, TaskStep } from './task-registry.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** Steps of tasks that may fail for now: such a step is tried again later, for its task alone. */
export class TaskSteps {
  readonly #environment: ThreadEnvironment
  readonly #threadName: string
  readonly #logger: Logger

  constructor(environment: ThreadEnvironment, threadName: string, logger: Logger) {
    this.#environment = environment
    this.#threadName = threadName
    this.#logger = logger
  }

  /** Returns how many records were processed. These methods throw what no retry mends, and TASK_TIMEOUT. */
  process(owned: OwnedTask, recordsMax: number): number {
    return this.#attempt(owned, 'process', () => owned.process(recordsMax))
  }

  /** Hands on what asynchronous calls have given, and lets sinks move on. */
  pump(owned: OwnedTask): void {
    this.#attempt(owned, 'hand on outcomes', () => {
      owned.task?.pump()
      return 1
    })
  }

  punctuate(owned: OwnedTask): void {
    this.#attempt(owned, 'punctuate', () => {
      owned.task?.punctuateWallClock()
      return 1
    })
  }

  /** Returns what the step has done, 0 where it waits. */
  #attempt(owned: OwnedTask, step: TaskStep, act: () => number): number {
    const { clock, settings, listener } = this.#environment
    if (!owned.mayAttempt(step, clock.monotonicMs())) return 0
    try {
      const done = act()
      if (done > 0) owned.succeeded(step)
      return done
    } catch (error) {
      const waitMs = owned.failed(step, error, clock.monotonicMs(), settings.taskTimeoutMs)
      const fields = { task: owned.idText, code: errorCode(error), error: errorMessage(error), waitMs }
      this.#logger.warn(fields, `it is tried again to ${step}`)
      listener.onError?.(this.#threadName, error)
      return 0
    }
  }
}
