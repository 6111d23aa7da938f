import type { Headers } from '../core/headers.ts'
import type { Materialization } from '../topology/operator-spec.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { OperatorContext } from './operator.ts'
import { StatefulOperator } from './stateful-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/** An operator that makes a table of tables, and keeps its rows only where the table is materialized. */
export abstract class DerivedTableOperator extends StatefulOperator {
  /** undefined: the table keeps no rows. */
  protected table: TableStore | undefined
  #forwarder!: ChangeForwarder

  protected openTable(
    context: OperatorContext,
    materialized: Materialization | undefined,
    sendOldValues: boolean,
  ): void {
    this.table = materialized && openTableStore(context, materialized)
    this.#forwarder = new ChangeForwarder(context, this.table?.store, 'timestamped', sendOldValues)
  }

  /** Keeps the row and forwards the change, unless it is older than what the table keeps. */
  protected change(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    isLatest: boolean,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.table === undefined) {
      this.#forwarder.forward(key, newValue, oldValue, isLatest, timestamp, headers)
      return
    }
    this.enter(timestamp, headers)
    const outcome = this.table.put(key, newValue, timestamp)
    if (outcome === 'not-stored') return
    this.#forwarder.forward(key, newValue, oldValue, outcome === 'latest', timestamp, headers)
  }
}
