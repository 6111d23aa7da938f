import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { prefixEnd, startsWith } from './byte-keys.ts'
import { writeInt } from './longs.ts'
import type { KeyValue, SubscriptionStore, ValueAndTimestamp } from './port.ts'
import type { Rows } from './row.ts'
import type { RecordContext } from './record-context.ts'

/** The part of the store key that all subscribers to a foreign key have in common. */
function subscriptionPrefix(foreignKey: Bytes): Bytes {
  const bytes = new Uint8Array(foreignKey.length + 4)
  writeInt(bytes, 0, foreignKey.length)
  bytes.set(foreignKey, 4)
  return bytes
}

/**
 * The row of the foreign key 'ab' and the primary key 'xyz':
 * ```
 * 00 00 00 02 | 61 62 | 78 79 7a
 * length (4)    foreign primary
 * ```
 */
export function subscriptionKey(foreignKey: Bytes, primaryKey: Bytes): Bytes {
  const bytes = new Uint8Array(foreignKey.length + primaryKey.length + 4)
  writeInt(bytes, 0, foreignKey.length)
  bytes.set(foreignKey, 4)
  bytes.set(primaryKey, foreignKey.length + 4)
  return bytes
}

/** `topic` is passed to all of them. */
export interface SubscriptionSerdes {
  readonly foreignKey: Serde<unknown>
  readonly primaryKey: Serde<unknown>
  readonly value: Serde<unknown>
  readonly topic: string
}

/**
 * Which rows of the left table of a foreign-key join refer to a row of the right table. The join's operators put and
 * delete subscriptions as they come from the left, and read all of a foreign key when its row on the right changes.
 */
export class PrefixSubscriptionStore implements SubscriptionStore<unknown, unknown, unknown> {
  readonly name: string
  readonly kind = 'foreign-key-subscriptions'
  readonly #rows: Rows
  readonly #serdes: SubscriptionSerdes
  readonly #context: RecordContext

  constructor(name: string, rows: Rows, serdes: SubscriptionSerdes, context: RecordContext) {
    this.name = name
    this.#rows = rows
    this.#serdes = serdes
    this.#context = context
  }

  get(foreignKey: unknown, primaryKey: unknown): ValueAndTimestamp<unknown> | undefined {
    const row = this.#rows.get(this.#key(foreignKey, primaryKey))
    return row === undefined ? undefined : this.#value(row.value as Bytes, row.timestamp)
  }

  put(foreignKey: unknown, primaryKey: unknown, subscription: ValueAndTimestamp<unknown>): void {
    const { value, topic } = this.#serdes
    const bytes = value.serialize(subscription.value, topic, noHeaders)
    this.#rows.put(this.#key(foreignKey, primaryKey), bytes, subscription.timestamp)
  }

  delete(foreignKey: unknown, primaryKey: unknown): void {
    this.#rows.put(this.#key(foreignKey, primaryKey), null, this.#context.timestamp)
  }

  *subscribers(foreignKey: unknown): IterableIterator<KeyValue<unknown, ValueAndTimestamp<unknown>>> {
    const { primaryKey, topic } = this.#serdes
    const prefix = subscriptionPrefix(this.#serdes.foreignKey.serialize(foreignKey, topic, noHeaders))
    const cursor = this.#rows.range(
      prefix,
      prefixEnd(prefix),
      'forward',
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    )
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) {
      if (!startsWith(row.key, prefix)) return
      yield {
        key: primaryKey.deserialize(row.key.subarray(prefix.length), topic, noHeaders),
        value: this.#value(row.value as Bytes, row.timestamp),
      }
    }
  }

  #key(foreignKey: unknown, primaryKey: unknown): Bytes {
    const { foreignKey: foreignKeySerde, primaryKey: primaryKeySerde, topic } = this.#serdes
    return subscriptionKey(
      foreignKeySerde.serialize(foreignKey, topic, noHeaders),
      primaryKeySerde.serialize(primaryKey, topic, noHeaders),
    )
  }

  #value(bytes: Bytes, timestamp: number): ValueAndTimestamp<unknown> {
    return { value: this.#serdes.value.deserialize(bytes, this.#serdes.topic, noHeaders), timestamp }
  }
}
