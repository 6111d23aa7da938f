import { long } from '../serde/primitives.ts'
import type { Aggregator, EmitStrategy, Initializer, Merger, Reducer } from '../topology/operator-spec.ts'
import type { Grouping } from './core.ts'
import { type AnyFunction, erased } from './function-types.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type { SessionWindowedStream } from './handles/session-windowed-stream.ts'
import { type Aggregate, aggregateWindows } from './stream-aggregate.ts'
import type { SessionWindows } from './window-definitions.ts'

const addCounts: Merger = (_, left, right) => (left as number) + (right as number)

/** A `SessionWindowedStream`. */
export class SessionWindowedHandle implements Members<SessionWindowedStream<unknown, unknown>> {
  readonly #grouping: Grouping
  readonly #make: HandleFactory
  readonly #windows: SessionWindows
  readonly #emit: EmitStrategy

  constructor(
    grouping: Grouping,
    make: HandleFactory,
    windows: SessionWindows,
    emit: EmitStrategy = 'on-window-update',
  ) {
    this.#grouping = grouping
    this.#make = make
    this.#windows = windows
    this.#emit = emit
  }

  emitStrategy(emit: EmitStrategy): SessionWindowedHandle {
    return new SessionWindowedHandle(this.#grouping, this.#make, this.#windows, emit)
  }

  count(options?: object): unknown {
    return this.#aggregate({ aggregation: { kind: 'count' }, value: long(), options }, addCounts)
  }

  reduce(reducer: AnyFunction, options?: object): unknown {
    const { value } = this.#grouping.core
    const reduce = erased<Reducer>(reducer)
    const merger: Merger = (_, left, right) => (left === null || left === undefined ? right : reduce(left, right))
    return this.#aggregate({ aggregation: { kind: 'reduce', reducer: reduce }, value, options }, merger)
  }

  aggregate(initializer: Initializer, aggregator: AnyFunction, merger: AnyFunction, options?: object): unknown {
    const aggregation = { kind: 'aggregate', initializer, aggregator: erased<Aggregator>(aggregator) } as const
    return this.#aggregate({ aggregation, value: undefined, options }, erased(merger))
  }

  #aggregate(request: Aggregate, merger: Merger): unknown {
    return this.#make.table(aggregateWindows(this.#grouping, this.#windows, this.#emit, merger, request))
  }
}
