import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

export class PassThroughOperator extends ForwardingOperator {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    this.output.process(key, value, timestamp, headers)
  }
}
