import type { TaskStores } from '../../stores/task-stores.ts'

/** Notes whether an error has left something half done: some of what it changes in stores is changed. */
export class ChangeWatch {
  isHalfDone = false
  readonly #changes: TaskStores['changes']
  /** Number of changes before the current step; infinite while there is none. */
  #before = Number.POSITIVE_INFINITY

  constructor(changes: TaskStores['changes']) {
    this.#changes = changes
  }

  begin(): void {
    this.#before = this.#changes.count
  }

  end(): void {
    this.#before = Number.POSITIVE_INFINITY
  }

  failed(): void {
    if (this.#changes.count > this.#before) this.isHalfDone = true
    this.end()
  }

  /** Runs what changes state as a whole; what runs within something else is part of that. */
  changing(run: () => void): void {
    if (this.#before !== Number.POSITIVE_INFINITY) return run()
    this.begin()
    try {
      run()
      this.end()
    } catch (error) {
      this.failed()
      throw error
    }
  }
}
