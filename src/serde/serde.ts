import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'

/**
 * Turns a value into bytes and back. Both directions are synchronous: they run on the per-record path.
 *
 * null is never passed: a null key, a null value and a tombstone are handled by the caller.
 * `deserialize` throws on bytes it cannot read (the record goes to the deserialization handler); it may return a lazy
 * view over `bytes`, which are never written to again. `serialize` throws on a value it cannot write.
 */
export interface Serde<T> {
  /** The name shown in error messages and in a topology's data. */
  readonly name: string
  /** Writes a value as bytes; throws for a value that it cannot write. `topic` is the topic that the bytes are for. */
  serialize(value: T, topic: string, headers: Headers): Bytes
  /** Reads a value from bytes; throws for bytes that it cannot read. `topic` is the topic that the bytes come from. */
  deserialize(bytes: Bytes, topic: string, headers: Headers): T
  /**
   * What must be loaded before `deserialize(bytes)` can succeed, for example a schema by id. Called once per record in
   * the poll phase, before the record is queued, only where it is defined. Returns undefined when nothing is missing.
   * A rejection that is `retriable` delays the partition; any other outcome is left to `deserialize` to report.
   */
  resolve?(bytes: Bytes, topic: string): Promise<void> | undefined
  /**
   * What must be known before `serialize` can write to the topic, for example the id of a schema. Awaited once per topic
   * before the first record, only where it is defined; undefined where there is nothing to wait for. A rejection that is
   * `retriable` is tried again, any other stops the start.
   */
  prepare?(topic: string): Promise<void> | undefined
  /** The part of a key's bytes that picks its partition, where it is not all of them (windowed keys: the inner key). */
  partitionBytes?(bytes: Bytes): Bytes
}

/** The value type of a serde. */
export type ValueOf<S> = S extends Serde<infer T> ? T : never
