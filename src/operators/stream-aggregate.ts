import type { Headers } from '../core/headers.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'
import { ChangeForwarder } from './change-forwarder.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import { openTableStore, type TableStore } from './table-store.ts'

/**
 * The stream-aggregate operator keeps one aggregate per key of a stream: for aggregate, reduce and count, and for each
 * input of a cogroup. Records with a null key or value are dropped and counted. The timestamp of an aggregate is the
 * highest of its records. An aggregator that returns null deletes the row, and the next record starts with a new
 * aggregate. Forwards a change per record, or, if the store has a record cache, per key and commit. Equals Java's
 * KStreamAggregate and KStreamReduce.
 */
export class StreamAggregateOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'stream-aggregate'>
  readonly #aggregation: Aggregation
  #table!: TableStore
  #forwarder!: ChangeForwarder

  constructor(spec: SpecOf<'stream-aggregate'>) {
    super()
    this.#spec = spec
    this.#aggregation = compileAggregation(spec.aggregation)
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#table = openTableStore(context, { store: this.#spec.store, versioned: this.#spec.versioned })
    this.#forwarder = new ChangeForwarder(context, this.#table.store, 'timestamped', this.#spec.sendOldValues)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null || value == null) {
      this.context.dropped('null key or value')
      return
    }
    this.enter(timestamp, headers)
    const row = this.#table.get(key)
    const oldAggregate = row === undefined ? this.#aggregation.initialize() : row.value
    const newTimestamp = row === undefined ? timestamp : Math.max(timestamp, row.timestamp)
    const newAggregate = this.#aggregation.add(key, value, oldAggregate)
    const outcome = this.#table.put(key, newAggregate, newTimestamp)
    this.#forwarder.forward(key, newAggregate, oldAggregate, outcome, newTimestamp, headers)
  }
}
