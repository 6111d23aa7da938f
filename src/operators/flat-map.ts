import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { mappedBy, noPair } from './mapper-results.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The flat-map operator makes none, one or several records of each: one per pair that the mapper returns, in their
 * order, with the record's time and headers. It is stateless. A result that cannot be iterated, or holds anything but
 * pairs, throws MAPPER_RESULT (record); pairs before the wrong one have been forwarded by then. Equals Java's
 * KStreamFlatMap.
 */
export class FlatMapOperator extends ForwardingOperator {
  readonly #mapper: SpecOf<'flat-map'>['mapper']

  constructor(spec: SpecOf<'flat-map'>) {
    super()
    this.#mapper = spec.mapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { output } = this
    for (const pair of mappedBy(this.context, this.#mapper(key, value))) {
      if (!Array.isArray(pair)) throw noPair(this.context.nodeName, pair)
      output.process(pair[0], pair[1], timestamp, headers)
    }
  }
}
