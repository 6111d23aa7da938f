import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type TableReader } from './table-view.ts'

/**
 * The table-table-join operator is one side of a join of two tables by equal keys: it joins a change with the current
 * row of the other side. Results have the later of both times. Equal results, and tombstones of results that do not
 * exist, are forwarded again. Changes with a null key, and out-of-order changes of versioned tables (KIP-914), are
 * dropped and counted. It is stateless; table-join-merge, which follows both sides, keeps the result. Equals Java's
 * KTableKTableInnerJoin, LeftJoin, RightJoin and OuterJoin.
 */
export class TableTableJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-table-join'>
  /** No result without a row of this side, of the other side. */
  readonly #needsOwn: boolean
  readonly #needsOther: boolean
  #other!: TableReader

  constructor(spec: SpecOf<'table-table-join'>) {
    super()
    this.#spec = spec
    this.#needsOwn = spec.join === 'inner' || (spec.join === 'left' && spec.side === 'left')
    this.#needsOther = spec.join === 'inner' || (spec.join === 'left' && spec.side === 'right')
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#other = openTableView(this.#spec.other, context)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    const change = value as Change
    if (this.#spec.inputVersioned && !change.isLatest) {
      this.context.dropped('out-of-order change of a versioned table')
      return
    }
    const row = this.#other.get(key)
    if (row === undefined && (this.#needsOther || (change.newValue == null && change.oldValue == null))) return
    const other = row === undefined ? null : row.value
    const resultTimestamp = row === undefined ? timestamp : Math.max(timestamp, row.timestamp)
    const newValue = this.#join(key, change.newValue, other)
    const oldValue = this.#spec.sendOldValues ? this.#join(key, change.oldValue, other) : null
    this.output.process(key, { newValue, oldValue, isLatest: change.isLatest }, resultTimestamp, headers)
  }

  override close(): void {
    this.#other?.close()
  }

  #join(key: unknown, own: unknown, other: unknown): unknown {
    if (own == null && (this.#needsOwn || other === null)) return null
    const { joiner, side } = this.#spec
    return synchronous(side === 'left' ? joiner(key, own, other) : joiner(key, other, own)) ?? null
  }
}
