import type { Headers } from '../core/headers.ts'
import { synchronous } from '../core/no-promise.ts'
import type { ValueMapper } from '../topology/operator-spec.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The map-values operator replaces each record's value by the mapper's result, which may be null; key, time and headers
 * stay. It is stateless, and the mapper sees null values. Equals Java's KStreamMapValues.
 */
export class MapValuesOperator extends ForwardingOperator {
  readonly #mapper: ValueMapper

  constructor(spec: SpecOf<'map-values'>) {
    super()
    this.#mapper = spec.mapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const mapped = this.#mapper(key, value)
    if (typeof mapped === 'object') synchronous(mapped)
    this.output.process(key, mapped, timestamp, headers)
  }
}
