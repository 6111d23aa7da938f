import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type TableReader } from './table-view.ts'

/**
 * Looks a row of a global table up by a key made from the record. Records without value are dropped, and those for which
 * the mapper has no key too unless the join is left.
 */
export class StreamGlobalTableJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'stream-global-table-join'>
  #context!: OperatorContext
  #table!: TableReader

  constructor(spec: SpecOf<'stream-global-table-join'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#context = context
    this.#table = openTableView(this.#spec.table, context)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { join, joiner, keyMapper } = this.#spec
    const isLeft = join === 'left'
    const tableKey = value == null ? undefined : keyMapper(key, value)
    if (value == null || (tableKey == null && !isLeft)) {
      this.#context.dropped('null join key or value')
      return
    }
    const row = tableKey == null ? undefined : this.#row(tableKey, timestamp)
    if (row === undefined && !isLeft) return
    this.output.process(key, joiner(key, value, row === undefined ? null : row.value), timestamp, headers)
  }

  override close(): void {
    this.#table?.close()
  }

  #row(tableKey: unknown, timestamp: number) {
    return this.#table.versioned ? this.#table.getAsOf(tableKey, timestamp) : this.#table.get(tableKey)
  }
}
