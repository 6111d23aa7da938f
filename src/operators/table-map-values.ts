import type { Headers } from '../core/headers.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { StatefulOperator } from './stateful-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/** Maps rows; the mapper never sees a tombstone. */
export class TableMapValuesOperator extends StatefulOperator {
  readonly #spec: SpecOf<'table-map-values'>
  #table: TableStore | undefined
  #forwarder!: ChangeForwarder

  constructor(spec: SpecOf<'table-map-values'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = this.#spec.materialized && openTableStore(context, this.#spec.materialized)
    this.#forwarder = new ChangeForwarder(context, this.#table?.store, 'timestamped', this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const change = value as Change
    const newValue = this.#mapped(key, change.newValue)
    const oldValue = this.#oldValue(key, change)
    if (this.#table === undefined) {
      this.#forwarder.forward(key, newValue, oldValue, change.isLatest, timestamp, headers)
      return
    }
    this.enter(timestamp, headers)
    const outcome = this.#table.put(key, newValue, timestamp)
    if (outcome === 'not-stored') return
    this.#forwarder.forward(key, newValue, oldValue, outcome === 'latest', timestamp, headers)
  }

  #oldValue(key: unknown, change: Change): unknown {
    if (!this.#spec.sendOldValues) return null
    return this.#table === undefined ? this.#mapped(key, change.oldValue) : this.#table.get(key)?.value
  }

  #mapped(key: unknown, value: unknown): unknown {
    return value == null ? null : this.#spec.mapper(key, value)
  }
}
