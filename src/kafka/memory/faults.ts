/** The faults that a test lets happen next. None happens by itself. */
export class Faults {
  readonly #commits: { readonly error: unknown; readonly applied: boolean }[] = []
  readonly #sends: unknown[] = []
  /** How long a sent record is in flight before the log has it; what a driver has in flight is gone when it closes. */
  sendDelayMs = 0

  /** The next commit is not applied and rejects. */
  failNextCommit(error: unknown): void {
    this.#commits.push({ error, applied: false })
  }

  /** The next commit is applied and rejects all the same, as when the answer is lost. */
  loseNextCommitAnswer(error: unknown): void {
    this.#commits.push({ error, applied: true })
  }

  /** The next record sent is not delivered. */
  failNextSend(error: unknown): void {
    this.#sends.push(error)
  }

  nextCommit(): { readonly error: unknown; readonly applied: boolean } | undefined {
    return this.#commits.shift()
  }

  nextSend(): { readonly error: unknown } | undefined {
    return this.#sends.length === 0 ? undefined : { error: this.#sends.shift() }
  }
}
