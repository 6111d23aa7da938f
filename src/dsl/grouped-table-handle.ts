import { long } from '../serde/primitives.ts'
import type { Aggregator, Initializer, Reducer } from '../topology/operator-spec.ts'
import type { GroupedTableCore, TableGrouping } from './core.ts'
import { type AnyFunction, erased } from './function-types.ts'
import { Handle } from './handle.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { TableOptions } from './handle-options.ts'
import type { KGroupedTable } from './handles/k-grouped-table.ts'
import { aggregateTable } from './table-aggregate.ts'

type Options = TableOptions<unknown, unknown>

const increment: Aggregator = (_key, _value, count) => (count as number) + 1
const decrement: Aggregator = (_key, _value, count) => (count as number) - 1

/** (aggregate, value) as specs have it. What is no function stays as it is: the topology is refused for it. */
function reducing(reducer: Reducer): Aggregator {
  if (typeof reducer !== 'function') return reducer
  return (_, value, aggregate) => reducer(aggregate, value)
}

/** A `KGroupedTable`. */
export class GroupedTableHandle extends Handle<TableGrouping> implements Members<KGroupedTable<unknown, unknown>> {
  readonly #make: HandleFactory

  constructor(core: GroupedTableCore, make: HandleFactory) {
    super({ core, repartition: { place: undefined } })
    this.#make = make
  }

  count(options?: Options): unknown {
    const change = { initializer: () => 0, adder: increment, subtractor: decrement, reduce: false }
    return this.#make.table(aggregateTable(this.held, change, long(), options))
  }

  reduce(adder: AnyFunction, subtractor: AnyFunction, options?: Options): unknown {
    const change = {
      initializer: () => null,
      adder: reducing(erased(adder)),
      subtractor: reducing(erased(subtractor)),
      reduce: true,
    }
    return this.#make.table(aggregateTable(this.held, change, this.held.core.value, options))
  }

  aggregate(initializer: Initializer, adder: AnyFunction, subtractor: AnyFunction, options?: Options): unknown {
    const change = {
      initializer,
      adder: erased<Aggregator>(adder),
      subtractor: erased<Aggregator>(subtractor),
      reduce: false,
    }
    return this.#make.table(aggregateTable(this.held, change, undefined, options))
  }
}
