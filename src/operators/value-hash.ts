import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { murmur3Hash128 } from './murmur3.ts'

/** The topic that serdes get; both ends of a join must see the same bytes. */
const hashTopic = 'foreign-key-join-value-hash'

/** Tells whether an answer still belongs to the row that asked; null for an absent row. */
export function valueHash(serde: Serde<unknown>, value: unknown): Bytes | null {
  return value == null ? null : murmur3Hash128(serde.serialize(value, hashTopic, noHeaders))
}
