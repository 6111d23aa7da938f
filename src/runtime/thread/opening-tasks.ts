import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { TaskId } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import { Retry } from './retry.ts'

/** A task that is assigned and does not process or follow yet. */
export interface OpeningTask {
  readonly id: TaskId
  readonly role: 'active' | 'standby'
}

/**
 * Tasks between assigned and started. One that cannot be opened or started yet is retried separately; the others
 * continue.
 */
export class OpeningTasks {
  readonly #tasks = new Map<string, OpeningTask & { isOpen: boolean; readonly retry: Retry }>()
  readonly #taskTimeoutMs: number
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(taskTimeoutMs: number, clock: Clock, logger: Logger) {
    this.#taskTimeoutMs = taskTimeoutMs
    this.#clock = clock
    this.#logger = logger
  }

  /** How many are still to be opened. */
  get waiting(): number {
    let count = 0
    for (const { isOpen } of this.#tasks.values()) if (!isOpen) count++
    return count
  }

  /** A task that is here already takes the new role, and keeps its retries: the time that it has waited counts. */
  add(id: TaskId, role: OpeningTask['role']): void {
    const idText = taskIdText(id)
    const { retry = this.#newRetry(idText) } = this.#tasks.get(idText) ?? {}
    this.#tasks.set(idText, { id, role, isOpen: false, retry })
  }

  #newRetry(idText: string): Retry {
    const told = this.#logger.child({ task: idText })
    return new Retry(`task ${idText} could not be opened`, this.#taskTimeoutMs, this.#clock, told, idText)
  }

  /** Those whose time has come. */
  due(): readonly OpeningTask[] {
    return [...this.#tasks.values()].filter(({ isOpen, retry }) => !isOpen && retry.isDue)
  }

  /** A standby has begun by that. */
  opened(id: TaskId): void {
    const task = this.#tasks.get(taskIdText(id))
    if (task?.role === 'standby') this.forget(id)
    else if (task !== undefined) task.isOpen = true
  }

  /** It is opened again later. Throws as `Retry.failed`. */
  failed(id: TaskId, error: unknown): void {
    const task = this.#tasks.get(taskIdText(id))
    if (task === undefined) return
    task.isOpen = false
    task.retry.failed(error)
  }

  /** It has started, or the thread no longer owns it. */
  forget(id: TaskId): void {
    this.#tasks.delete(taskIdText(id))
  }

  forgetAll(): void {
    this.#tasks.clear()
  }
}
