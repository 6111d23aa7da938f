import { assertNever } from '../core/assert.ts'
import { synchronous } from '../core/no-promise.ts'
import type { AggregationSpec, Merger } from '../topology/operator-spec.ts'

/**
 * The three forms of an aggregation behind one interface. null is no aggregate; `initialize` is called where a key,
 * window or session has none. A promise throws PROMISE_RETURNED (record).
 */
export interface Aggregation {
  initialize(): unknown
  add(key: unknown, value: unknown, aggregate: unknown): unknown
}

/** Called once per operator. A reduction starts with the first value as it is; a count starts with 0. */
export function compileAggregation(spec: AggregationSpec): Aggregation {
  switch (spec.kind) {
    case 'aggregate':
      return {
        initialize: () => synchronous(spec.initializer()),
        add: (key, value, aggregate) => synchronous(spec.aggregator(key, value, aggregate)),
      }
    case 'reduce':
      return {
        initialize: () => null,
        add: (_key, value, aggregate) => (aggregate == null ? value : synchronous(spec.reducer(aggregate, value))),
      }
    case 'count':
      return { initialize: () => 0, add: (_key, _value, count) => (count as number) + 1 }
    default:
      return assertNever(spec)
  }
}

/** Merges the aggregates of two sessions: with the user's merger, with the reducer, or by adding counts. */
export function compileMerger(spec: AggregationSpec, merger: Merger): Merger {
  switch (spec.kind) {
    case 'aggregate':
      return (key, left, right) => synchronous(merger(key, left, right))
    case 'reduce':
      return (_key, left, right) => (left == null ? right : synchronous(spec.reducer(left, right)))
    case 'count':
      return (_key, left, right) => (left as number) + (right as number)
    default:
      return assertNever(spec)
  }
}
