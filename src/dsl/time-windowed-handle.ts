import { long } from '../serde/primitives.ts'
import { illegalArgument } from '../topology/build-error.ts'
import type { Aggregator, EmitStrategy, Initializer } from '../topology/operator-spec.ts'
import type { Grouping } from './core.ts'
import { type AnyFunction, erased } from './function-types.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { TimeWindowedStream } from './handles/time-windowed-stream.ts'
import { type Aggregate, aggregateWindows } from './stream-aggregate.ts'
import type { SlidingWindows, TimeWindows } from './window-definitions.ts'

/** A `TimeWindowedStream`. */
export class TimeWindowedHandle implements Members<TimeWindowedStream<unknown, unknown>> {
  readonly #grouping: Grouping
  readonly #make: HandleFactory
  readonly #windows: TimeWindows | SlidingWindows
  readonly #emit: EmitStrategy

  constructor(
    grouping: Grouping,
    make: HandleFactory,
    windows: TimeWindows | SlidingWindows,
    emit: EmitStrategy = 'on-window-update',
  ) {
    this.#grouping = grouping
    this.#make = make
    this.#windows = windows
    this.#emit = emit
  }

  emitStrategy(emit: EmitStrategy): TimeWindowedHandle {
    if (emit === 'on-window-close' && this.#windows.kind === 'unlimited') {
      throw illegalArgument(
        'unlimited windows never close, so emitStrategy cannot be on-window-close: use on-window-update',
      )
    }
    return new TimeWindowedHandle(this.#grouping, this.#make, this.#windows, emit)
  }

  count(options?: object): unknown {
    return this.#aggregate({ aggregation: { kind: 'count' }, value: long(), options })
  }

  reduce(reducer: AnyFunction, options?: object): unknown {
    const { value } = this.#grouping.core
    return this.#aggregate({ aggregation: { kind: 'reduce', reducer: erased(reducer) }, value, options })
  }

  aggregate(initializer: Initializer, aggregator: AnyFunction, options?: object): unknown {
    const aggregation = { kind: 'aggregate', initializer, aggregator: erased<Aggregator>(aggregator) } as const
    return this.#aggregate({ aggregation, value: undefined, options })
  }

  #aggregate(request: Aggregate): unknown {
    return this.#make.table(aggregateWindows(this.#grouping, this.#windows, this.#emit, undefined, request))
  }
}
