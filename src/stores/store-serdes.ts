import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { type Snapshots, snapshotsOf } from '../serde/snapshots.ts'
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
  /** The same bytes for the same text, whenever it is written. */
  readonly areKeysKept: boolean
  /** undefined: values are bytes at once. */
  readonly held: HeldValues | undefined
}

/** Values of a store that are held without bytes for a while. */
export interface HeldValues {
  /** What the cache keeps of the value; undefined: it must be bytes, or it deletes the row. */
  take(value: unknown): unknown
  /** Of the value that was taken last, once it is written. */
  readonly byteLength: number
  /** What is kept of a value that was just read; undefined: it must be read each time. */
  keep(value: unknown): unknown
  /** A value for the user, who may change it. */
  give(held: unknown, timestamp: number): unknown
  bytes(held: unknown): Bytes
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
    areKeysKept: snapshotsOf(key) !== undefined,
    held: heldValues(value, topic, (snapshots) => ({
      take: (object) => (object === null ? undefined : snapshots.take(object)),
      keep: (object) => kept(snapshots, object),
      give: (held) => snapshots.copy(held),
    })),
  }
}

function heldValues(
  serde: Serde<unknown>,
  topic: string,
  kind: (snapshots: Snapshots) => Pick<HeldValues, 'take' | 'keep' | 'give'>,
): HeldValues | undefined {
  const snapshots = snapshotsOf(serde)
  if (snapshots === undefined) return undefined
  return {
    ...kind(snapshots),
    get byteLength() {
      return snapshots.byteLength
    },
    bytes: (held) => serde.serialize(held, topic, noHeaders),
  }
}

/** As it was read, also where writing it would change it: -0 is written as 0. */
function kept(snapshots: Snapshots, value: unknown): unknown {
  return value === null || snapshots.take(value) === undefined ? undefined : snapshots.copy(value)
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
    areKeysKept: snapshotsOf(key) !== undefined,
    held: heldValues(value, topic, (snapshots) => ({
      take(object) {
        if (object === null || object === undefined) return undefined
        const { value: inner, timestamp } = object as Timestamped
        if (inner === null) return undefined
        const taken = snapshots.take(inner)
        if (taken !== undefined) checkTime(store, 'timestamp of the value', timestamp)
        return taken
      },
      keep: (object) => kept(snapshots, (object as Timestamped).value),
      give: (held, timestamp) => ({ value: snapshots.copy(held), timestamp }),
    })),
  }
}
