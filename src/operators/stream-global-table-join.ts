import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import { type CountsPuts, RememberedRows } from './remembered-rows.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type Row, type TableReader } from './table-view.ts'

/**
 * Looks a row of a global table up by a key made from the record. Records without value are dropped, and those for which
 * the mapper has no key too unless the join is left. Global tables are small and change seldom: rows are decoded once.
 */
export class StreamGlobalTableJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'stream-global-table-join'>
  #table!: TableReader
  #remembered: RememberedRows | undefined

  constructor(spec: SpecOf<'stream-global-table-join'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    const { table } = this.#spec
    this.#table = openTableView(table, context)
    const store = table.kind === 'store' && !table.versioned ? context.store(table.store) : undefined
    if (store !== undefined && 'puts' in store) {
      this.#remembered = new RememberedRows(this.#table, store as unknown as CountsPuts)
    }
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { join, joiner, keyMapper } = this.#spec
    const isLeft = join === 'left'
    const tableKey = value == null ? undefined : keyMapper(key, value)
    if (value == null || (tableKey == null && !isLeft)) {
      this.context.dropped('null join key or value')
      return
    }
    const row = tableKey == null ? undefined : this.#row(tableKey, timestamp)
    if (row === undefined && !isLeft) return
    this.output.process(key, synchronous(joiner(key, value, row === undefined ? null : row.value)), timestamp, headers)
  }

  override close(): void {
    this.#table?.close()
  }

  #row(tableKey: unknown, timestamp: number): Row | undefined {
    if (this.#remembered !== undefined && typeof tableKey === 'string') return this.#remembered.get(tableKey)
    return this.#table.versioned ? this.#table.getAsOf(tableKey, timestamp) : this.#table.get(tableKey)
  }
}
