import { changes } from '../stores/changes.ts'

/** Notes whether an error has left something half done: some of what it changes in stores is changed. */
export class ChangeWatch {
  isHalfDone = false
  /** Of `changes`, before what is under way; infinite while nothing is. */
  #before = Number.POSITIVE_INFINITY

  begin(): void {
    this.#before = changes.count
  }

  end(): void {
    this.#before = Number.POSITIVE_INFINITY
  }

  failed(): void {
    if (changes.count > this.#before) this.isHalfDone = true
    this.end()
  }

  /** Runs what changes state as a whole. */
  changing(run: () => void): void {
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
