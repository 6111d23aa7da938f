import type { TaskStores } from '../../stores/task-stores.ts'

/**
 * Notes whether an error has left something half done: some of what it changes in stores is changed. In a transaction
 * its outputs count too, because they are committed with those of the next try: any step that fails is half done.
 */
export class ChangeWatch {
  isHalfDone = false
  readonly #changes: TaskStores['changes']
  readonly #isTransactional: boolean
  /** Number of changes before the current step; infinite while there is none. */
  #before = Number.POSITIVE_INFINITY

  constructor(changes: TaskStores['changes'], isTransactional: boolean) {
    this.#changes = changes
    this.#isTransactional = isTransactional
  }

  begin(): void {
    this.#before = this.#changes.count
  }

  end(): void {
    this.#before = Number.POSITIVE_INFINITY
  }

  failed(): void {
    const isUnderWay = this.#before !== Number.POSITIVE_INFINITY
    if (isUnderWay && (this.#isTransactional || this.#changes.count > this.#before)) this.isHalfDone = true
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
