import { consequenceOf } from '../../core/errors.ts'
import { Retry } from './retry.ts'
import type { OwnedTask, TaskStep } from './owned-task.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** Steps of tasks that may fail temporarily: such a step is tried again later, for its task alone. */
export class TaskSteps {
  readonly #environment: ThreadEnvironment
  readonly #threadName: string

  constructor(environment: ThreadEnvironment, threadName: string) {
    this.#environment = environment
    this.#threadName = threadName
  }

  /** Returns how many records were processed. These methods throw what no retry mends, and TASK_TIMEOUT. */
  process(owned: OwnedTask, recordsMax: number): number {
    return this.#attempt(owned, 'process', () => owned.process(recordsMax))
  }

  /**
   * What a batch of its input needs could not be loaded, such as a schema. The batch is put back and read again; until
   * then the task is in trouble. Throws what no retry mends, and TASK_TIMEOUT.
   */
  readFailed(owned: OwnedTask, error: unknown): void {
    this.#retryOf(owned, 'read').failed(error)
  }

  /** Hands on what asynchronous calls have given, and lets sinks move on. */
  #pump(owned: OwnedTask): void {
    this.#attempt(owned, 'forward results', () => {
      owned.task?.pump()
      return 1
    })
  }

  /**
   * Pumps all tasks. A task whose outputs wait for their topic gets no record for up to `waitMs`; the others do not wait
   * for it.
   */
  async pumpAll(tasks: readonly OwnedTask[], waitMs: number): Promise<void> {
    const waiting: Promise<void>[] = []
    for (const owned of tasks) {
      const { task } = owned
      this.#pump(owned)
      if (task?.collector.hasDeferred) waiting.push(task.collector.settle(waitMs))
    }
    for (const outcome of await Promise.allSettled(waiting)) {
      // What passes is for the task's commit to wait for.
      if (outcome.status === 'rejected' && consequenceOf(outcome.reason) !== 'retriable') throw outcome.reason
    }
  }

  punctuate(owned: OwnedTask): void {
    this.#attempt(owned, 'punctuate', () => {
      owned.task?.punctuateWallClock()
      return 1
    })
  }

  /** Hands on what the commit has made durable. */
  release(owned: OwnedTask): void {
    this.#attempt(owned, 'release', () => {
      owned.task?.release()
      return 1
    })
  }

  /** Returns what the step has done, 0 where it waits. */
  #attempt(owned: OwnedTask, step: TaskStep, act: () => number): number {
    if (!owned.mayAttempt(step)) return 0
    try {
      const done = act()
      if (done > 0) owned.succeeded(step)
      return done
    } catch (error) {
      this.#retryOf(owned, step).failed(error)
      this.#environment.listener.onError?.(this.#threadName, error)
      return 0
    }
  }

  #retryOf(owned: OwnedTask, step: TaskStep): Retry {
    return owned.retryOf(step, () => {
      const { clock, settings, logger } = this.#environment
      const { idText } = owned
      const told = logger.child({ thread: this.#threadName, task: idText })
      return new Retry(`task ${idText} could not ${step}`, settings.taskTimeoutMs, clock, told, idText)
    })
  }
}
