import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { mappedBy } from './mapper-results.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The flat-map-values operator forwards a record per value that the mapper returns, in their order, all with the
 * record's key, time and headers. It is stateless. A result that cannot be iterated throws MAPPER_RESULT (record).
 * Equals Java's KStreamFlatMapValues.
 */
export class FlatMapValuesOperator extends ForwardingOperator {
  readonly #mapper: SpecOf<'flat-map-values'>['mapper']

  constructor(spec: SpecOf<'flat-map-values'>) {
    super()
    this.#mapper = spec.mapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { output } = this
    for (const mapped of mappedBy(this.context, this.#mapper(key, value)))
      output.process(key, mapped, timestamp, headers)
  }
}
