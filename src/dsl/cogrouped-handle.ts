import { illegalArgument } from '../topology/build-error.ts'
import type { Initializer, Merger } from '../topology/operator-spec.ts'
import { cogroup, type CogroupState } from './cogroup-aggregate.ts'
import type { Dsl, Grouping } from './core.ts'
import { type AnyFunction, erased } from './function-types.ts'
import { Handle } from './handle.ts'
import type { HandleFactory, Members } from './handle-factory.ts'
import type {
  CogroupedStream,
  SessionWindowedCogroupedStream,
  TimeWindowedCogroupedStream,
} from './handles/cogrouped-stream.ts'
import { aggregationWindows, checkWindows } from './window-definitions.ts'
import type { SessionWindows, SlidingWindows, TimeWindows } from './window-definitions.ts'

/** A `CogroupedStream`. */
export class CogroupedHandle implements Members<CogroupedStream<unknown, unknown>> {
  readonly #state: CogroupState
  readonly #make: HandleFactory

  constructor(dsl: Dsl, make: HandleFactory) {
    this.#state = { dsl, inputs: new Map(), parents: new Map() }
    this.#make = make
  }

  cogroup(grouped: unknown, aggregator: AnyFunction): this {
    const input = Handle.heldBy<Grouping>(grouped)
    if (input === undefined) {
      throw illegalArgument('cogroup takes a grouped stream, and was given something else: pass what groupBy returned')
    }
    this.#state.inputs.set(input, erased(aggregator))
    return this
  }

  aggregate(initializer: Initializer, options: object): unknown {
    return this.#make.table(cogroup(this.#state, undefined, undefined, initializer, options))
  }

  windowedBy(windows: TimeWindows | SlidingWindows | SessionWindows): unknown {
    checkWindows(windows, aggregationWindows)
    if (windows.kind === 'session') return new SessionWindowedCogroupedHandle(this.#state, this.#make, windows)
    return new TimeWindowedCogroupedHandle(this.#state, this.#make, windows)
  }
}

/** A `TimeWindowedCogroupedStream`. */
class TimeWindowedCogroupedHandle implements Members<TimeWindowedCogroupedStream<unknown, unknown>> {
  readonly #state: CogroupState
  readonly #make: HandleFactory
  readonly #windows: TimeWindows | SlidingWindows

  constructor(state: CogroupState, make: HandleFactory, windows: TimeWindows | SlidingWindows) {
    this.#state = state
    this.#make = make
    this.#windows = windows
  }

  aggregate(initializer: Initializer, options: object): unknown {
    return this.#make.table(cogroup(this.#state, this.#windows, undefined, initializer, options))
  }
}

/** A `SessionWindowedCogroupedStream`. */
class SessionWindowedCogroupedHandle implements Members<SessionWindowedCogroupedStream<unknown, unknown>> {
  readonly #state: CogroupState
  readonly #make: HandleFactory
  readonly #windows: SessionWindows

  constructor(state: CogroupState, make: HandleFactory, windows: SessionWindows) {
    this.#state = state
    this.#make = make
    this.#windows = windows
  }

  aggregate(initializer: Initializer, merger: AnyFunction, options: object): unknown {
    return this.#make.table(cogroup(this.#state, this.#windows, erased<Merger>(merger), initializer, options))
  }
}
