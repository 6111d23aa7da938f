import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { mappedBy } from './mapper-results.ts'
import type { SpecOf } from './spec-of.ts'

export class FlatMapValuesOperator extends ForwardingOperator {
  readonly #mapper: SpecOf<'flat-map-values'>['mapper']

  constructor(spec: SpecOf<'flat-map-values'>) {
    super()
    this.#mapper = spec.mapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { output } = this
    for (const mapped of mappedBy(this.context.nodeName, this.#mapper(key, value)))
      output.process(key, mapped, timestamp, headers)
  }
}
