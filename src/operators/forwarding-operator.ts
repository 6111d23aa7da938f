import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import type { BufferedContext } from '../stores/port.ts'
import { enterRecord, newRecordContext, type RecordContext } from '../stores/record-context.ts'
import type { Operator, OperatorContext, Receiver } from './operator.ts'

const unopened: Receiver = Object.freeze({
  process(): never {
    throw new MillraceError('ASSERTION', 'fatal', 'an operator forwarded before it was opened')
  },
})

/**
 * The base of all operators that forward to every child of their node; there is no other class between it and an
 * operator. What several operators share beyond this (rows of a table, results of windows) is an object that they hold.
 */
export abstract class ForwardingOperator implements Operator {
  /** Set by `open`, which a subclass extends; to forward before it throws ASSERTION (fatal). */
  protected output: Receiver = unopened
  protected context!: OperatorContext
  /** The task's current record: stores write with its time and headers. */
  protected record: RecordContext = newRecordContext()

  open(context: OperatorContext): void {
    this.context = context
    this.output = context.output
    this.record = context.recordContext
  }

  close(): void {}

  abstract process(key: unknown, value: unknown, timestamp: number, headers: Headers): void

  /** Sets the time and headers that writes carry: called before a write, and again where a forward lies in between. */
  protected enter(timestamp: number, headers: Headers): void {
    enterRecord(this.record, timestamp, headers)
  }

  /** Makes a record that was held the current one, before it is forwarded; also sets the current one back after it. */
  protected adopt(context: BufferedContext): void {
    this.record.topic = context.topic
    this.record.partition = context.partition
    this.record.offset = context.offset
    this.enter(context.timestamp, context.headers)
  }
}
