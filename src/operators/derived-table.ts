import type { Headers } from '../core/headers.ts'
import { enterRecord, type RecordContext } from '../stores/record-context.ts'
import type { Materialization } from '../topology/operator-spec.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { OperatorContext } from './operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/**
 * A table that an operator makes from others: keeps its rows where the table is materialized, and forwards its changes.
 * Opened with its operator, once per node and task.
 */
export class DerivedTable {
  /** undefined: the table is not materialized, nobody can look its rows up. */
  readonly rows: TableStore | undefined
  readonly #record: RecordContext
  readonly #forwarder: ChangeForwarder

  constructor(context: OperatorContext, materialized: Materialization | undefined, sendOldValues: boolean) {
    this.rows = materialized && openTableStore(context, materialized)
    this.#record = context.recordContext
    this.#forwarder = new ChangeForwarder(context, this.rows?.store, 'timestamped', sendOldValues)
  }

  /**
   * Keeps the new row and forwards the change. What the store says of the order of a row wins over `isLatest`; a change
   * that is older than the history of a versioned store is neither kept nor forwarded.
   */
  change(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    isLatest: boolean,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.rows === undefined) {
      this.#forwarder.forward(key, newValue, oldValue, isLatest ? 'latest' : 'out-of-order', timestamp, headers)
      return
    }
    enterRecord(this.#record, timestamp, headers)
    const outcome = this.rows.put(key, newValue, timestamp)
    this.#forwarder.forward(key, newValue, oldValue, outcome, timestamp, headers)
  }
}
