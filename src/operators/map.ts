import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { noPair } from './mapper-results.ts'
import type { SpecOf } from './spec-of.ts'

/**
 * The map operator makes one record of each, with the key and value that the mapper returns; time and headers stay. It
 * is stateless, and the mapper sees null keys and values. Anything but a pair throws MAPPER_RESULT (record). Equals
 * Java's KStreamMap.
 */
export class MapOperator extends ForwardingOperator {
  readonly #mapper: SpecOf<'map'>['mapper']

  constructor(spec: SpecOf<'map'>) {
    super()
    this.#mapper = spec.mapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const pair = this.#mapper(key, value)
    if (!Array.isArray(pair)) throw noPair(this.context.nodeName, pair)
    this.output.process(pair[0], pair[1], timestamp, headers)
  }
}
