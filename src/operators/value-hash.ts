import type { Bytes } from '../core/bytes.ts'
import { noHeaders } from '../core/headers.ts'
import type { Serde } from '../serde/serde.ts'
import { murmur3Hash128 } from './murmur3.ts'

/** The topic that serdes get; both ends of a join must see the same bytes. */
const hashTopic = 'foreign-key-join-value-hash'

/**
 * The hash of a left row that a subscription carries and its answer returns, by which step 4 recognizes answers to
 * outdated rows; null for a row that does not exist. The bytes are those of Kafka Streams.
 */
export function valueHash(serde: Serde<unknown>, value: unknown): Bytes | null {
  return value == null ? null : murmur3Hash128(serde.serialize(value, hashTopic, noHeaders))
}
