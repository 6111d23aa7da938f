import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { checkKey, checkTimestamped } from './store-arguments.ts'

/** A store's serdes bound to the topic they are told, and values with or without their timestamp. */
export interface StoreSerdes {
  /** Refuses null and undefined. */
  keyBytes(key: unknown): Bytes
  key(bytes: Bytes): unknown
  /** A value that deletes the row. */
  isAbsent(value: unknown): boolean
  valueBytes(value: unknown): Bytes
  /** The timestamp that a put value brings along; else `contextTimestamp`. */
  timestampOf(value: unknown, contextTimestamp: number): number
  value(bytes: Bytes, timestamp: number): unknown
}

/**
 * Keys of records are primitives more often than not, and a record's key goes to its store twice, to get and to put:
 * the second time the same array is returned, which the layers below recognise.
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

export function plainSerdes(store: string, key: Serde<unknown>, value: Serde<unknown>, topic: string): StoreSerdes {
  return {
    keyBytes: keyEncoder(store, key, topic),
    key: (bytes) => key.deserialize(bytes, topic, noHeaders),
    isAbsent: (object) => object === null || object === undefined,
    valueBytes: (object) => value.serialize(object, topic, noHeaders),
    timestampOf: (_, contextTimestamp) => contextTimestamp,
    value: (bytes) => value.deserialize(bytes, topic, noHeaders),
  }
}

interface Timestamped {
  readonly value: unknown
  readonly timestamp: number
}

export function timestampedSerdes(
  store: string,
  key: Serde<unknown>,
  value: Serde<unknown>,
  topic: string,
): StoreSerdes {
  return {
    keyBytes: keyEncoder(store, key, topic),
    key: (bytes) => key.deserialize(bytes, topic, noHeaders),
    // A null with a timestamp is nothing, as in Java.
    isAbsent: (object) => {
      if (object === null || object === undefined) return true
      const inner = (object as Timestamped).value
      if (inner !== null && inner !== undefined) return false
      return typeof object === 'object' && 'value' in object
    },
    valueBytes: (object) => {
      checkTimestamped(store, object)
      return value.serialize((object as Timestamped).value, topic, noHeaders)
    },
    timestampOf: (object) => (object as Timestamped).timestamp,
    value: (bytes, timestamp) => ({ value: value.deserialize(bytes, topic, noHeaders), timestamp }),
  }
}
