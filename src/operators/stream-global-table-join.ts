import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import { type CountsPuts, RememberedRows } from './remembered-rows.ts'
import type { SpecOf } from './spec-of.ts'
import { openTableView, type Row, type TableReader } from './table-view.ts'

/**
 * The stream-global-table-join operator looks up a row of a global table by a key that the mapper makes from the
 * record. Records with a null value are dropped, and so are those whose mapped key is null unless the join is left.
 * Nothing waits for the table: a record meets the row of that moment. Global tables are small and seldom change, so
 * rows are decoded once (`RememberedRows`). Equals Java's KStreamKTableJoinProcessor on a global table.
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
