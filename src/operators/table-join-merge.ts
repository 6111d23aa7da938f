import type { Headers } from '../core/headers.ts'
import { DerivedTable } from './derived-table.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The table-join-merge operator takes the results of both sides of a table-table join, and keeps them if the join is
 * materialized. Equals Java's KTableKTableJoinMerger.
 */
export class TableJoinMergeOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-join-merge'>
  #table!: DerivedTable

  constructor(spec: SpecOf<'table-join-merge'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = new DerivedTable(context, this.#spec.materialized, this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { newValue, oldValue, isLatest } = value as Change
    this.#table.change(key, newValue, oldValue, isLatest, timestamp, headers)
  }
}
