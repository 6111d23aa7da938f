import type { NoPromise } from '../core/no-promise.ts'
import type { ExtractorRecord } from '../topology/node.ts'

/**
 * User functions. Functions that choose or map keys take (key, value), as in Kafka Streams. Functions that map values
 * take (value, key), so that the key can be left out.
 */
export type Predicate<K, V> = (key: K, value: V) => boolean
/** Lets the type of key or value be known behind a filter. */
export type ValueGuard<K, V, Kept extends V> = (key: K, value: V) => value is Kept
export type KeyGuard<K, V, Kept extends K> = (key: K, value: V) => key is Kept
/** Maps a record, as `(key, value)`. It must be synchronous. */
export type KeyValueMapper<K, V, R> = (key: K, value: V) => R
/** Called for its effect. */
export type Action<K, V> = (key: K, value: V) => NoPromise
/** Maps a value, as `(value, key)`: value first. It must be synchronous. */
export type ValueMapper<K, V, VR> = (value: V, key: K) => VR
/** Combines the two values of a join, as `(left, right, key)`. */
export type ValueJoiner<K, V, VO, VR> = (left: V, right: VO, key: K) => VR
/** Makes the first aggregate of a key; called when the key has none. */
export type Initializer<VR> = () => VR
/**
 * Returns the new aggregate; null deletes the row, and the next record starts with a new aggregate. It must not change
 * the aggregate that it gets.
 */
export type Aggregator<K, V, VR, R extends VR | null = VR | null> = (key: K, value: V, aggregate: VR) => R
/** Combines two values of one type into one, as `(aggregate, value)`. */
export type Reducer<V, R extends V | null = V | null> = (aggregate: V, value: V) => R
/** Merges the aggregates of two sessions of a key, as `(key, left, right)`, when a record connects them. */
export type Merger<K, V> = (key: K, left: V, right: V) => V
/**
 * Returns the time of a record; a negative time drops the record. `partitionTimeMs` is the highest time seen in its
 * partition, -1 at first.
 */
export type TimestampOf<K, V> = (value: V, key: K, record: ExtractorRecord, partitionTimeMs: number) => number

/** Any function of the user; what it takes was checked at the door. */
export type AnyFunction = (...given: never[]) => unknown

type Two = (first: unknown, second: unknown) => never
type Three = (first: unknown, second: unknown, third: unknown) => unknown

/** (value, key) as specs have it: (key, value). What is no function stays as it is: the topology is refused for it. */
export function keyFirst(mapper: AnyFunction): Two {
  if (typeof mapper !== 'function') return mapper
  const map = mapper as Two
  return namedAs(mapper, (key, value) => map(value, key))
}

/** (left, right, key) as specs have it: (key, left, right). */
export function joinerKeyFirst(joiner: AnyFunction): Three {
  if (typeof joiner !== 'function') return joiner
  const join = joiner as Three
  return namedAs(joiner, (key, left, right) => join(left, right, key))
}

/** A topology's data shows functions by their names. */
function namedAs<F extends AnyFunction>(given: AnyFunction, wrapped: F): F {
  return Object.defineProperty(wrapped, 'name', { value: (given as AnyFunction | undefined)?.name ?? '' })
}

/** The graph holds functions over unknown. */
export function erased<F>(given: AnyFunction): F {
  return given as F
}
