import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'

/** A store's serdes bound to the topic they are told, and values with or without their timestamp. */
export interface StoreSerdes {
  keyBytes(key: unknown): Bytes
  key(bytes: Bytes): unknown
  valueBytes(value: unknown): Bytes
  /** The timestamp that a put value brings along; else `contextTimestamp`. */
  timestampOf(value: unknown, contextTimestamp: number): number
  value(bytes: Bytes, timestamp: number): unknown
}

/**
 * Keys of records are primitives more often than not, and a record's key goes to its store twice, to get and to put:
 * the second time the same array is returned, which the layers below recognise.
 */
function keyEncoder(key: Serde<unknown>, topic: string): (object: unknown) => Bytes {
  let last: unknown
  let lastBytes: Bytes | undefined
  return (object) => {
    if (typeof object !== 'string') return key.serialize(object, topic, noHeaders)
    if (object === last && lastBytes !== undefined) return lastBytes
    lastBytes = key.serialize(object, topic, noHeaders)
    last = object
    return lastBytes
  }
}

export function plainSerdes(key: Serde<unknown>, value: Serde<unknown>, topic: string): StoreSerdes {
  return {
    keyBytes: keyEncoder(key, topic),
    key: (bytes) => key.deserialize(bytes, topic, noHeaders),
    valueBytes: (object) => value.serialize(object, topic, noHeaders),
    timestampOf: (_, contextTimestamp) => contextTimestamp,
    value: (bytes) => value.deserialize(bytes, topic, noHeaders),
  }
}

interface Timestamped {
  readonly value: unknown
  readonly timestamp: number
}

export function timestampedSerdes(key: Serde<unknown>, value: Serde<unknown>, topic: string): StoreSerdes {
  return {
    keyBytes: keyEncoder(key, topic),
    key: (bytes) => key.deserialize(bytes, topic, noHeaders),
    valueBytes: (object) => value.serialize((object as Timestamped).value, topic, noHeaders),
    timestampOf: (object) => (object as Timestamped).timestamp,
    value: (bytes, timestamp) => ({ value: value.deserialize(bytes, topic, noHeaders), timestamp }),
  }
}
