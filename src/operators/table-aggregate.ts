import type { Headers } from '../core/headers.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import { nullTableKey } from './null-table-key.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/**
 * The table-aggregate operator keeps one aggregate per group of a grouped table. For each change it first subtracts the
 * old value, then adds the new one, and writes the row once. The subtractor is not called while there is no aggregate;
 * `reduce` takes the first value of a group as it is. A null key throws NULL_TABLE_KEY (record). The timestamp of a row
 * is the highest of its changes. Equals Java's KTableAggregate and KTableReduce.
 */
export class TableAggregateOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-aggregate'>
  #table!: TableStore
  #forwarder!: ChangeForwarder

  constructor(spec: SpecOf<'table-aggregate'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = openTableStore(context, this.#spec.materialized)
    this.#forwarder = new ChangeForwarder(context, this.#table.store, 'timestamped', this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) throw nullTableKey(this.context.nodeName)
    this.enter(timestamp, headers)
    const change = value as Change
    const row = this.#table.get(key)
    const oldAggregate = row?.value ?? null
    const reduced = this.#subtract(key, change.oldValue, oldAggregate)
    const newAggregate = this.#add(key, change.newValue, reduced)
    const counts = change.oldValue != null || change.newValue != null
    const newTimestamp = row !== undefined && counts ? Math.max(timestamp, row.timestamp) : timestamp
    const outcome = this.#table.put(key, newAggregate, newTimestamp)
    this.#forwarder.forward(key, newAggregate, oldAggregate, outcome, newTimestamp, headers)
  }

  #subtract(key: unknown, oldValue: unknown, aggregate: unknown): unknown {
    return oldValue == null || aggregate === null ? aggregate : this.#spec.subtractor(key, oldValue, aggregate)
  }

  #add(key: unknown, newValue: unknown, aggregate: unknown): unknown {
    if (newValue == null) return aggregate
    if (aggregate != null) return this.#spec.adder(key, newValue, aggregate)
    return this.#spec.reduce ? newValue : this.#spec.adder(key, newValue, this.#spec.initializer())
  }
}
