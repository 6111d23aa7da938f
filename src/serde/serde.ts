import type { Bytes } from '../core/bytes.ts'
import type { Headers } from '../core/headers.ts'
import type { ByteRanges } from '../core/byte-ranges.ts'

/** The values of one batch, in the order in which they are asked for; each may be asked for again. */
export interface BatchReader<T> {
  /** What `deserialize` makes of the bytes at this index, which are there. Throws as that does. */
  read(index: number, headers: Headers): T
}

/**
 * Turns a value into bytes and back. Both directions are synchronous, because they run for each record.
 *
 * null is never passed to a serde: the caller handles null keys, null values and tombstones. `deserialize` throws on
 * bytes it cannot read (the record goes to the deserialization handler); it may return a lazy view over `bytes`, which
 * are never written to again. `serialize` throws on a value it cannot write.
 */
export interface Serde<T> {
  /** The name shown in error messages and in a topology's data. */
  readonly name: string
  /** Writes a value as bytes; throws for a value that it cannot write. `topic` is the topic that the bytes are for. */
  serialize(value: T, topic: string, headers: Headers): Bytes
  /** Reads a value from bytes; throws for bytes that it cannot read. `topic` is the topic that the bytes come from. */
  deserialize(bytes: Bytes, topic: string, headers: Headers): T
  /**
   * Reads many values where they lie in one buffer, so that nobody makes a view of each: for serdes that read many
   * records. Optional. It reads and refuses the same bytes as `deserialize`, and is used only if it belongs to the same
   * object as that.
   */
  readBatch?(values: ByteRanges, topic: string): BatchReader<T>
  /**
   * Loads what `deserialize(bytes)` needs, for example a schema by its id. If it is defined, it is called once per
   * record after the poll, before the record is queued. Returns undefined when nothing is missing. A rejection that is
   * `retriable` delays the partition; any other outcome is left to `deserialize` to report.
   */
  resolve?(bytes: Bytes, topic: string): Promise<void> | undefined
  /**
   * Loads what `serialize` needs to write to the topic, for example the id of a schema. If it is defined, it is awaited
   * once per topic before the first record; it returns undefined when nothing is missing. A rejection that is
   * `retriable` is retried; any other ends the start.
   */
  prepare?(topic: string): Promise<void> | undefined
  /**
   * The part of a key's bytes that decides its partition, if that is not the whole key (for windowed keys: the inner
   * key).
   */
  partitionBytes?(bytes: Bytes): Bytes
}

/** The value type of a serde. */
export type ValueOf<S> = S extends Serde<infer T> ? T : never
