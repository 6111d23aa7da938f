import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { DerivedTable } from './derived-table.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The table-filter operator keeps the rows whose predicate holds (with `not`: does not hold); other rows become
 * tombstones. The predicate never sees a tombstone. Where old values are known, only a row that leaves the table makes
 * a tombstone; otherwise, and where the input is versioned, each change without a row does. Stateless unless the result
 * is materialized. Equals Java's KTableFilter.
 */
export class TableFilterOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-filter'>
  #table!: DerivedTable
  readonly #tracksOldValues: boolean

  constructor(spec: SpecOf<'table-filter'>) {
    super()
    this.#spec = spec
    this.#tracksOldValues = spec.sendOldValues || spec.inputSendsOldValues
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = new DerivedTable(context, this.#spec.materialized, this.#tracksOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const change = value as Change
    const newValue = this.#passing(key, change.newValue)
    const oldValue = this.#oldValue(key, change)
    const isUnseen = newValue === null && oldValue === null
    if (isUnseen && this.#tracksOldValues && !this.#spec.inputVersioned) return
    this.#table.change(key, newValue, oldValue, change.isLatest, timestamp, headers)
  }

  #oldValue(key: unknown, change: Change): unknown {
    if (!this.#tracksOldValues) return null
    return this.#table.rows === undefined
      ? this.#passing(key, change.oldValue)
      : (this.#table.rows.get(key)?.value ?? null)
  }

  #passing(key: unknown, value: unknown): unknown {
    if (value == null) return null
    return Boolean(synchronous<unknown>(this.#spec.predicate(key, value))) !== this.#spec.not ? value : null
  }
}
