import { isDeepStrictEqual } from 'node:util'
import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { nullTableKey } from './null-table-key.ts'
import type { Change } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

type Pair = readonly [unknown, unknown]

/**
 * Re-keys a table's changes for grouping. A row that stays in its group is one change with both values; one that moves
 * is taken out of the old group first, then put into the new one. A pair without key or value is no member of a group.
 */
export class TableGroupByOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-group-by'>

  constructor(spec: SpecOf<'table-group-by'>) {
    super()
    this.#spec = spec
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) throw nullTableKey(this.context.nodeName)
    const { newValue, oldValue, isLatest } = value as Change
    if (this.#spec.inputVersioned && !isLatest) return
    const newPair = this.#member(key, newValue)
    const oldPair = this.#member(key, oldValue)
    if (newPair !== undefined && oldPair !== undefined && sameKey(newPair[0], oldPair[0])) {
      this.output.process(newPair[0], { newValue: newPair[1], oldValue: oldPair[1], isLatest }, timestamp, headers)
      return
    }
    if (oldPair !== undefined) {
      this.output.process(oldPair[0], { newValue: null, oldValue: oldPair[1], isLatest }, timestamp, headers)
    }
    if (newPair !== undefined) {
      this.output.process(newPair[0], { newValue: newPair[1], oldValue: null, isLatest }, timestamp, headers)
    }
  }

  #member(key: unknown, value: unknown): Pair | undefined {
    if (value == null) return undefined
    const pair = this.#spec.mapper(key, value)
    return pair[0] == null || pair[1] == null ? undefined : pair
  }
}

function sameKey(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === 'object' && isDeepStrictEqual(left, right))
}
