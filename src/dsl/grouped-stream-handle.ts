import { long } from '../serde/primitives.ts'
import type { Aggregator, Initializer } from '../topology/operator-spec.ts'
import { CogroupedHandle } from './cogrouped-handle.ts'
import type { GroupedStreamCore, Grouping } from './core.ts'
import { type AnyFunction, erased } from './function-types.ts'
import { Handle } from './handle.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { KGroupedStream, WindowedByOptions } from './handles/k-grouped-stream.ts'
import { SessionWindowedHandle } from './session-windowed-handle.ts'
import { type Aggregate, aggregateStream } from './stream-aggregate.ts'
import { TimeWindowedHandle } from './time-windowed-handle.ts'
import { aggregationWindows, checkWindows } from './window-definitions.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './window-definitions.ts'

/** A `KGroupedStream`. */
export class GroupedStreamHandle extends Handle<Grouping> implements Members<KGroupedStream<unknown, unknown>> {
  readonly #make: HandleFactory

  constructor(core: GroupedStreamCore, make: HandleFactory) {
    super({ core, repartition: { place: undefined } })
    this.#make = make
  }

  count(options?: object): unknown {
    return this.#aggregate({ aggregation: { kind: 'count' }, value: long(), options })
  }

  reduce(reducer: AnyFunction, options?: object): unknown {
    const { value } = this.held.core
    return this.#aggregate({ aggregation: { kind: 'reduce', reducer: erased(reducer) }, value, options })
  }

  aggregate(initializer: Initializer, aggregator: AnyFunction, options?: object): unknown {
    const aggregation = { kind: 'aggregate', initializer, aggregator: erased<Aggregator>(aggregator) } as const
    return this.#aggregate({ aggregation, value: undefined, options })
  }

  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
    { late }: WindowedByOptions<unknown, unknown> = {},
  ): unknown {
    checkWindows(windows, aggregationWindows)
    const make = this.#make
    const grouping: Grouping = late ? { ...this.held, late: (core) => late(make.stream(core)) } : this.held
    if (windows.kind === 'session') return new SessionWindowedHandle(grouping, make, windows)
    return new TimeWindowedHandle(grouping, make, windows)
  }

  cogroup(aggregator: AnyFunction): unknown {
    return new CogroupedHandle(this.held.core.dsl, this.#make).cogroup(this, aggregator)
  }

  #aggregate(request: Aggregate): unknown {
    return this.#make.table(aggregateStream(this.held, request))
  }
}
