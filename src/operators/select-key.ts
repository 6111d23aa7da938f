import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The select-key operator replaces each record's key by the mapper's result, which may be null; value, time and headers
 * stay. It is stateless. Whether the records go through a repartition topic after it is decided by the DSL, from what
 * is downstream. Java does the same with a KStreamMap.
 */
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
