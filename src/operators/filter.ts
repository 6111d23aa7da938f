import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { Predicate } from '../topology/operator-spec.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The filter operator passes records whose predicate holds, or with `not` those whose predicate does not. It is
 * stateless. The predicate sees null keys and values too; an error that it throws rejects the record. A promise, which
 * would always count as true, throws PROMISE_RETURNED (record). Equals Java's KStreamFilter.
 */
export class FilterOperator extends ForwardingOperator {
  readonly #predicate: Predicate
  readonly #not: boolean

  constructor(spec: SpecOf<'filter'>) {
    super()
    this.#predicate = spec.predicate
    this.#not = spec.not
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const result: unknown = this.#predicate(key, value)
    if (typeof result === 'object') synchronous(result)
    const passes = result ? !this.#not : this.#not
    if (passes) this.output.process(key, value, timestamp, headers)
  }
}
