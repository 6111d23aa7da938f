import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { letGo } from '../stores/record-context.ts'
import type { JoinGraceBuffer, WaitingRecord } from '../stores/port.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { openTableView, type TableReader } from './table-view.ts'

/**
 * The stream-table-join operator looks up the row of each stream record's key: the current row, or, in a versioned
 * table, the row as of the record's time. The table's changes do not cause results. Records with a null value are
 * dropped, and so are those with a null key unless the join is left. With a grace (KIP-923) records wait in a buffer
 * until stream time is later by the grace; the table must then be versioned, else `open` throws TABLE_NOT_VERSIONED
 * (fatal). The buffer is ordered by key, so a null key then throws NULL_KEY (record), as in Kafka Streams. Equals
 * Java's KStreamKTableJoinProcessor.
 */
export class StreamTableJoinOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'stream-table-join'>
  #table!: TableReader
  #buffer: JoinGraceBuffer<unknown, unknown> | undefined

  constructor(spec: SpecOf<'stream-table-join'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = openTableView(this.#spec.table, context)
    if (this.#spec.grace === undefined) return
    if (!this.#table.versioned) {
      throw new MillraceError(
        'TABLE_NOT_VERSIONED',
        'fatal',
        `${context.nodeName} joins with a grace of ${this.#spec.grace.graceMs} ms, which needs a versioned table: give the table a versioned store`,
        { details: { operator: context.nodeName, taskId: context.taskId } },
      )
    }
    this.#buffer = context.store(this.#spec.grace.buffer) as JoinGraceBuffer<unknown, unknown>
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (value == null || (key == null && this.#spec.join === 'inner')) {
      this.context.dropped('null join key or value')
      return
    }
    if (this.#buffer === undefined) {
      this.#join(key, value, timestamp, headers)
      return
    }
    if (key == null) throw this.#cannotWait()
    this.enter(timestamp, headers)
    if (this.#buffer.put(key, value, this.record)) this.#emitDue(this.#buffer)
    else this.#join(key, value, timestamp, headers)
  }

  override close(): void {
    this.#table?.close()
  }

  #join(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const row = key == null ? undefined : this.#row(key, timestamp)
    if (row === undefined && this.#spec.join === 'inner') return
    const joined = synchronous(this.#spec.joiner(key, value, row === undefined ? null : row.value))
    this.output.process(key, joined, timestamp, headers)
  }

  #row(key: unknown, timestamp: number) {
    return this.#table.versioned ? this.#table.getAsOf(key, timestamp) : this.#table.get(key)
  }

  #emitDue(buffer: JoinGraceBuffer<unknown, unknown>): void {
    let due = buffer.firstDue()
    if (due === undefined) return
    const current = { ...this.record }
    try {
      for (; due !== undefined; due = buffer.firstDue()) {
        this.#joinWaiting(due)
        this.adopt(current)
        buffer.removeFirst()
      }
    } finally {
      this.adopt(current)
    }
  }

  #cannotWait(): MillraceError {
    return new MillraceError(
      'NULL_KEY',
      'record',
      `${this.context.nodeName} joins with a grace and got a record without a key, which cannot wait: filter these records before the join, or leave out the grace`,
      { details: { operator: this.context.nodeName, taskId: this.context.taskId } },
    )
  }

  #joinWaiting({ key, value, context }: WaitingRecord<unknown, unknown>): void {
    this.adopt(context)
    const { timestamp, headers } = context
    const origin = { holder: this.context.nodeName, held: [key, timestamp], scope: 'record' } as const
    letGo(this.record, origin, () => this.#join(key, value, timestamp, headers))
  }
}
