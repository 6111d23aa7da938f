import type { Headers } from '../core/headers.ts'
import type { KeyMapper } from '../topology/operator-spec.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

/** A table's changes as records: the new value, null for a tombstone. */
export class TableToStreamOperator extends ForwardingOperator {
  readonly #keyMapper: KeyMapper | undefined

  constructor(spec: SpecOf<'table-to-stream'>) {
    super()
    this.#keyMapper = spec.keyMapper
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const { newValue } = value as Change
    const newKey = this.#keyMapper === undefined ? key : this.#keyMapper(key, newValue)
    this.output.process(newKey, newValue, timestamp, headers)
  }
}
