import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { checkHasValue, checkKey, checkTime } from './store-arguments.ts'

/** A store's serdes bound to the topic that they get, and values with or without their timestamp. */
export interface StoreSerdes {
  /** Refuses null and undefined. */
  keyBytes(key: unknown): Bytes
  key(bytes: Bytes): unknown
  /** null: the value deletes the row. */
  valueBytes(value: unknown): Bytes | null
  /** The timestamp that a value which deletes nothing brings along; else `contextTimestamp`. */
  timestampOf(value: unknown, contextTimestamp: number): number
  value(bytes: Bytes, timestamp: number): unknown
}

/**
 * Keys of records are primitives more often than not, and a record's key goes to its store twice, to get and to put:
 * the second time the same array is returned, which the layers below recognize.
 */
function keyEncoder(store: string, key: Serde<unknown>, topic: string): (object: unknown) => Bytes {
  let last: unknown
  let lastBytes: Bytes | undefined
  return (object) => {
    if (typeof object !== 'string') {
      checkKey(store, object)
      return key.serialize(object, topic, noHeaders)
    }
    if (object === last && lastBytes !== undefined) return lastBytes
    lastBytes = key.serialize(object, topic, noHeaders)
    last = object
    return lastBytes
  }
}

/** Null and undefined delete; rows have the timestamp of the record. Throws what serdes throw. */
export function plainSerdes(store: string, key: Serde<unknown>, value: Serde<unknown>, topic: string): StoreSerdes {
  return {
    keyBytes: keyEncoder(store, key, topic),
    key: (bytes) => key.deserialize(bytes, topic, noHeaders),
    valueBytes: (object) =>
      object === null || object === undefined ? null : value.serialize(object, topic, noHeaders),
    timestampOf: (_, contextTimestamp) => contextTimestamp,
    value: (bytes) => value.deserialize(bytes, topic, noHeaders),
  }
}

interface Timestamped {
  readonly value: unknown
  readonly timestamp: number
}

/** Values are `{ value, timestamp }`, and their timestamp is the row's. Throws what serdes throw, and STORE_ARGUMENT. */
export function timestampedSerdes(
  store: string,
  key: Serde<unknown>,
  value: Serde<unknown>,
  topic: string,
): StoreSerdes {
  return {
    keyBytes: keyEncoder(store, key, topic),
    key: (bytes) => key.deserialize(bytes, topic, noHeaders),
    valueBytes: (object) => {
      if (object === null || object === undefined) return null
      const { value: inner, timestamp } = object as Timestamped
      if (inner === null || inner === undefined) {
        checkHasValue(store, object)
        // A null with a timestamp is nothing, as in Java.
        return null
      }
      checkTime(store, 'timestamp of the value', timestamp)
      return value.serialize(inner, topic, noHeaders)
    },
    timestampOf: (object) => (object as Timestamped).timestamp,
    value: (bytes, timestamp) => ({ value: value.deserialize(bytes, topic, noHeaders), timestamp }),
  }
}
