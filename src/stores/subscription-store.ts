import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { prefixEnd, startsWith } from './byte-keys.ts'
import { writeInt } from './longs.ts'
import type { KeyValue, SubscriptionStore, ValueAndTimestamp } from './port.ts'
import type { Rows } from './row.ts'
import type { RecordContext } from './record-context.ts'

/** Length of the foreign key (4), foreign key: what all subscribers to it have in common. */
export function subscriptionPrefix(foreignKey: Bytes): Bytes {
  const bytes = new Uint8Array(foreignKey.length + 4)
  writeInt(bytes, 0, foreignKey.length)
  bytes.set(foreignKey, 4)
  return bytes
}

export function subscriptionKey(foreignKey: Bytes, primaryKey: Bytes): Bytes {
  const bytes = new Uint8Array(foreignKey.length + primaryKey.length + 4)
  writeInt(bytes, 0, foreignKey.length)
  bytes.set(foreignKey, 4)
  bytes.set(primaryKey, foreignKey.length + 4)
  return bytes
}

export interface SubscriptionSerdes {
  readonly foreignKey: Serde<unknown>
  readonly primaryKey: Serde<unknown>
  readonly value: Serde<unknown>
  readonly topic: string
}

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
      false,
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
