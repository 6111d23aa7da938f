import { isDeepStrictEqual } from 'node:util'
import type { Headers } from '../core/headers.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { nullTableKey } from './null-table-key.ts'
import type { Change } from './operator.ts'
import type { SpecOf } from './spec-of.ts'

type Pair = readonly [unknown, unknown]

/**
 * The table-group-by operator gives a table's changes the keys of their groups; a repartition topic and a
 * table-aggregate follow it. A row that stays in its group is one change with both values. A row that moves is first
 * taken out of its old group, then added to the new one. A row for which the mapper returns a null key or value is in
 * no group. Changes with a null key throw NULL_TABLE_KEY (record); out-of-order changes of versioned tables are ignored
 * (KIP-914). It is stateless. Equals Java's KTableRepartitionMap.
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
