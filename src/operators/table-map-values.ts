import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { DerivedTable } from './derived-table.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The table-map-values operator maps the values of a table's rows. The mapper never sees a tombstone; null from it is
 * one. The old value of a change is read from the store where the result is materialized, else mapped again. Equals
 * Java's KTableMapValues.
 */
export class TableMapValuesOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-map-values'>
  #table!: DerivedTable

  constructor(spec: SpecOf<'table-map-values'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = new DerivedTable(context, this.#spec.materialized, this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const change = value as Change
    const newValue = this.#mapped(key, change.newValue)
    const oldValue = this.#oldValue(key, change)
    this.#table.change(key, newValue, oldValue, change.isLatest, timestamp, headers)
  }

  #oldValue(key: unknown, change: Change): unknown {
    if (!this.#spec.sendOldValues) return null
    return this.#table.rows === undefined ? this.#mapped(key, change.oldValue) : this.#table.rows.get(key)?.value
  }

  #mapped(key: unknown, value: unknown): unknown {
    return value == null ? null : synchronous(this.#spec.mapper(key, value))
  }
}
