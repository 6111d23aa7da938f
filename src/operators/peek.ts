import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The peek operator calls the action with each record, then forwards the record unchanged; with `forward` false
 * (foreach) the stream ends here. It is stateless. An error that the action throws rejects the record, which is then
 * not forwarded; a promise throws PROMISE_RETURNED (record). Equals Java's KStreamPeek.
 */
export class PeekOperator extends ForwardingOperator {
  readonly #action: SpecOf<'peek'>['action']
  readonly #forward: boolean

  constructor(spec: SpecOf<'peek'>) {
    super()
    this.#action = spec.action
    this.#forward = spec.forward
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const result: unknown = this.#action(key, value)
    if (typeof result === 'object') synchronous(result)
    if (this.#forward) this.output.process(key, value, timestamp, headers)
  }
}
