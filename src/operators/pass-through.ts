import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'

/**
 * The pass-through operator forwards each record unchanged. It is the node of a merge, of a branch, and of the results
 * of a stream-stream join or cogroup, which come from several nodes and need one that has a name. Equals Java's
 * PassThrough.
 */
export class PassThroughOperator extends ForwardingOperator {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    this.output.process(key, value, timestamp, headers)
  }
}
