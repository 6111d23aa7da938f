import type { Headers } from '../core/headers.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/**
 * Turns records into a table's changes; also the end of `toTable` and the keeper of a global table. A plain table
 * applies records in the order of arrival, a versioned one by their timestamps. Equal values and tombstones of absent
 * rows are forwarded too.
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
