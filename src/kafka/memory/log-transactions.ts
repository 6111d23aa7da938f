/** What one transaction has in one log. Its records refer to it, so that its end decides about all of them at once. */
export interface LogTransaction {
  state: 'open' | 'committed' | 'aborted'
}

/** The transactions of one log that matter to its readers: the open ones, which they wait for, and whether any failed. */
export class LogTransactions {
  /** With the offset of their first record. In the order of these offsets, because they are added in it. */
  readonly #open = new Map<LogTransaction, number>()
  #hasAborted = false
  #areAny = false

  /** Whether the log has ever had one. */
  get areAny(): boolean {
    return this.#areAny
  }

  /** Whether there may be records that readers of committed ones leave out. */
  get hasAborted(): boolean {
    return this.#hasAborted
  }

  /** The first record of the oldest transaction that is open. */
  get firstOpenOffset(): number | undefined {
    if (this.#open.size === 0) return undefined
    const [offset] = this.#open.values()
    return offset
  }

  /** A record of the transaction is at the offset. */
  add(transaction: LogTransaction, offset: number): void {
    this.#areAny = true
    if (!this.#open.has(transaction)) this.#open.set(transaction, offset)
  }

  end(transaction: LogTransaction, isCommitted: boolean): void {
    transaction.state = isCommitted ? 'committed' : 'aborted'
    this.#hasAborted ||= !isCommitted
    this.#open.delete(transaction)
  }
}
