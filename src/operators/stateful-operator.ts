import { noHeaders, type Headers } from '../core/headers.ts'
import type { BufferedContext } from '../stores/port.ts'
import type { RecordContext } from '../stores/record-context.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'

/** An operator with stores: it sets in the record context whose time and headers its writes carry. */
export abstract class StatefulOperator extends ForwardingOperator {
  protected record: RecordContext = { topic: '', partition: -1, offset: -1, timestamp: -1, headers: noHeaders }

  override open(context: OperatorContext): void {
    super.open(context)
    this.record = context.recordContext
  }

  /** Called on entry, and again before a write that follows a forward. */
  protected enter(timestamp: number, headers: Headers): void {
    this.record.timestamp = timestamp
    this.record.headers = headers
  }

  /** Makes the record context that of a record which was kept, or gives it back. */
  protected adopt(context: BufferedContext): void {
    this.record.topic = context.topic
    this.record.partition = context.partition
    this.record.offset = context.offset
    this.enter(context.timestamp, context.headers)
  }
}
