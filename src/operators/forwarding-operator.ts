import { MillraceError } from '../core/errors.ts'
import type { Headers } from '../core/headers.ts'
import type { Operator, OperatorContext, Receiver } from './operator.ts'

const unopened: Receiver = Object.freeze({
  process(): never {
    throw new MillraceError('ASSERTION', 'fatal', 'an operator forwarded before it was opened')
  },
})

/** An operator that needs nothing but its children. */
export abstract class ForwardingOperator implements Operator {
  protected output: Receiver = unopened
  protected nodeName = ''

  open(context: OperatorContext): void {
    this.output = context.output
    this.nodeName = context.nodeName
  }

  close(): void {}

  abstract process(key: unknown, value: unknown, timestamp: number, headers: Headers): void
}
