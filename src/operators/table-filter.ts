import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { DerivedTable } from './derived-table.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * Rows that fail become tombstones. Where old values are known, only a row that leaves makes one; otherwise, and where
 * the input is versioned, each failing row does.
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
