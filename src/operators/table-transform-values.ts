import type { Headers } from '../core/headers.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { Change, OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { StatefulOperator } from './stateful-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'
import { openValueTransformer, type ValueTransformer } from './value-transformer.ts'

/** Maps rows with a processor that may use stores; it sees tombstones too. */
export class TableTransformValuesOperator extends StatefulOperator {
  readonly #spec: SpecOf<'table-transform-values'>
  #transformer: ValueTransformer | undefined
  #table: TableStore | undefined
  #forwarder!: ChangeForwarder

  constructor(spec: SpecOf<'table-transform-values'>) {
    super()
    this.#spec = spec
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#transformer = openValueTransformer(this.#spec.supplier, context)
    this.#table = this.#spec.materialized && openTableStore(context, this.#spec.materialized)
    this.#forwarder = new ChangeForwarder(context, this.#table?.store, 'timestamped', this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const change = value as Change
    this.enter(timestamp, headers)
    const newValue = this.#transformer?.transform(key, change.newValue, timestamp, headers)
    if (this.#table === undefined) {
      const oldValue = this.#spec.sendOldValues
        ? this.#transformer?.transform(key, change.oldValue, timestamp, headers)
        : null
      this.#forwarder.forward(key, newValue, oldValue, change.isLatest, timestamp, headers)
      return
    }
    const oldValue = this.#spec.sendOldValues ? this.#table.get(key)?.value : null
    const outcome = this.#table.put(key, newValue, timestamp)
    if (outcome === 'not-stored') return
    this.#forwarder.forward(key, newValue, oldValue, outcome === 'latest', timestamp, headers)
  }

  override close(): void {
    this.#transformer?.close()
  }
}
