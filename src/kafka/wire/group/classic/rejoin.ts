import type { Rebalance, RebalanceCause } from '../../../rebalance.ts'

/**
 * Why a member joins its group again. The broker logs the reason; the cause is what the member knows and others do not,
 * and is kept until the join has brought an assignment: a join that is repeated has the cause of the first one.
 */
export class Rejoin {
  #reason: string | undefined
  #cause: Rebalance | undefined

  /** A join is to be sent. */
  get isDue(): boolean {
    return this.#reason !== undefined
  }

  /** undefined: others know it, or nobody does. */
  get cause(): Rebalance | undefined {
    return this.#cause
  }

  /** A join is due, where it is not already; the first cause stays. */
  ask(reason: string, cause?: RebalanceCause): void {
    this.#reason ??= reason
    if (cause !== undefined) this.#cause ??= { cause, detail: '' }
  }

  /** The group has removed the member. */
  fenced(code: string | undefined): void {
    this.#reason = `after ${code}`
    if (this.#cause?.cause !== 'member-joined') this.#cause = { cause: 'member-fenced', detail: this.#reason }
  }

  /** The join is sent; returns its reason. */
  begin(): string {
    const reason = this.#reason ?? 'rejoin'
    this.#reason = undefined
    return reason
  }

  /** The join has brought an assignment; `decided` is the cause that came with it, if the leader sends one. */
  end(decided: Rebalance | undefined): Rebalance {
    const cause = this.#cause ?? decided ?? { cause: 'unknown', detail: '' }
    this.#cause = undefined
    return cause
  }
}
