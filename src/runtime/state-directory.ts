import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskId } from '../kafka/port.ts'
import { taskIdText } from '../kafka/port.ts'

const taskDirectoryPattern = /^\d+_\d+$/

/** Where tasks keep durable state: `<state directory>/<application id>/<task id>`, as in Kafka Streams. */
export class StateDirectory {
  readonly #path: string | undefined

  /** No directory: all state is in memory. */
  constructor(stateDirectory: string | undefined, applicationId: string) {
    this.#path = stateDirectory === undefined ? undefined : join(stateDirectory, applicationId)
  }

  taskDirectory(task: TaskId): string | undefined {
    return this.#path === undefined ? undefined : join(this.#path, taskIdText(task))
  }

  async prepare(): Promise<void> {
    if (this.#path !== undefined) await mkdir(this.#path, { recursive: true })
  }

  /** Tasks that have left something here. */
  async taskIds(): Promise<readonly string[]> {
    if (this.#path === undefined) return []
    const names = await readdir(this.#path).catch(() => [])
    return names.filter((name) => taskDirectoryPattern.test(name))
  }

  async removeTask(task: TaskId): Promise<void> {
    const directory = this.taskDirectory(task)
    if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  }
}
