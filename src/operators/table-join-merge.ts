import type { Headers } from '../core/headers.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { StatefulOperator } from './stateful-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/** Takes the results of both sides of a table-table join, and keeps them where the join is materialised. */
export class TableJoinMergeOperator extends StatefulOperator {
  readonly #spec: SpecOf<'table-join-merge'>
  #table: TableStore | undefined
  #forwarder!: ChangeForwarder

  constructor(spec: SpecOf<'table-join-merge'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = this.#spec.materialized && openTableStore(context, this.#spec.materialized)
    this.#forwarder = new ChangeForwarder(context, this.#table?.store, 'timestamped', this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { newValue, oldValue, isLatest } = value as Change
    if (this.#table === undefined) {
      this.#forwarder.forward(key, newValue, oldValue, isLatest, timestamp, headers)
      return
    }
    this.enter(timestamp, headers)
    const outcome = this.#table.put(key, newValue, timestamp)
    if (outcome === 'not-stored') return
    this.#forwarder.forward(key, newValue, oldValue, outcome === 'latest', timestamp, headers)
  }
}
