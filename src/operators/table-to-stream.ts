import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change } from './operator.ts'

/**
 * The table-to-stream operator turns a table's changes into records: the new value, null for a tombstone. It is
 * stateless. A key mapper of `toStream` is a select-key operator after it. Equals what Java's `KTable.toStream`
 * appends.
 */
export class TableToStreamOperator extends ForwardingOperator {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    this.output.process(key, (value as Change).newValue, timestamp, headers)
  }
}
