import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type TableReader } from './table-view.ts'

/**
 * One side of a join of two tables: joins a change with the other side's row. Results carry the later of both times. An
 * equal result and a tombstone of an absent one are forwarded again. Late changes of versioned tables are dropped.
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
