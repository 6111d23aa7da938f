import type { Headers } from '../core/headers.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/**
 * The table-source operator turns records into the changes of a table; it also ends `toTable` and foreign-key joins,
 * and fills global tables. Records with a null key are dropped and counted; a null value is a tombstone. A plain store
 * applies records in order of arrival, a versioned one by their timestamps, and drops those older than its history.
 * Equal values, and tombstones of rows that do not exist, are forwarded too. Without a store every record is a change
 * without old value. Equals Java's KTableSource.
 */
export class TableSourceOperator extends ForwardingOperator {
  readonly #spec: Pick<SpecOf<'table-source'>, 'materialized' | 'sendOldValues'>
  #table: TableStore | undefined
  #forwarder!: ChangeForwarder

  constructor(spec: Pick<SpecOf<'table-source'>, 'materialized' | 'sendOldValues'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    const { materialized, sendOldValues } = this.#spec
    this.#table = materialized && openTableStore(context, materialized)
    this.#forwarder = new ChangeForwarder(context, this.#table?.store, 'timestamped', sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    if (this.#table === undefined) {
      this.#forwarder.forward(key, value, null, 'latest', timestamp, headers)
      return
    }
    this.enter(timestamp, headers)
    const oldValue = this.#spec.sendOldValues ? this.#table.get(key)?.value : null
    const outcome = this.#table.put(key, value, timestamp)
    this.#forwarder.forward(key, value, oldValue, outcome, timestamp, headers)
  }
}
