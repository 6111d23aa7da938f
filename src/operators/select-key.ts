import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { SpecOf } from './spec-of.ts'

export class SelectKeyOperator extends ForwardingOperator {
  readonly #mapper: KeyMapper

  constructor(spec: SpecOf<'select-key'>) {
    super()
    this.#mapper = spec.mapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const newKey = this.#mapper(key, value)
    if (typeof newKey === 'object') synchronous(newKey)
    this.output.process(newKey, value, timestamp, headers)
  }
}
