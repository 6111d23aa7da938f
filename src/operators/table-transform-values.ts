import type { Headers } from '../core/headers.ts'
import { DerivedTable } from './derived-table.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { openValueTransformer, type ValueTransformer } from './value-transformer.ts'

/**
 * The table-transform-values operator maps rows with a user's fixed-key processor, which may use stores. Unlike a
 * mapper it sees tombstones; the value that it forwards last is the result, null if it forwards none. The old value of
 * a change is read from the store where the result is materialized, else transformed again. Equals Java's
 * KTableTransformValues.
 */
export class TableTransformValuesOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'table-transform-values'>
  #table!: DerivedTable
  #transformer: ValueTransformer | undefined

  constructor(spec: SpecOf<'table-transform-values'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#transformer = openValueTransformer(this.#spec.supplier, context)
    this.#table = new DerivedTable(context, this.#spec.materialized, this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const change = value as Change
    this.enter(timestamp, headers)
    const newValue = this.#transformer?.transform(key, change.newValue, timestamp, headers)
    this.#table.change(
      key,
      newValue,
      this.#oldValue(key, change, timestamp, headers),
      change.isLatest,
      timestamp,
      headers,
    )
  }

  #oldValue(key: unknown, change: Change, timestamp: number, headers: Headers): unknown {
    if (!this.#spec.sendOldValues) return null
    if (this.#table.rows !== undefined) return this.#table.rows.get(key)?.value
    return this.#transformer?.transform(key, change.oldValue, timestamp, headers)
  }

  override close(): void {
    this.#transformer?.close()
  }
}
