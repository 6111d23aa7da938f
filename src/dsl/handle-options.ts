import type { Serde } from '../serde/serde.ts'
import type { StreamPartitioner, TopicNameExtractor } from '../topology/node.ts'
import type { KeyValueStoreOptions } from './materialized.ts'
import type { KeyOption, NameOption, SerdeFor, ValueOption } from './common-options.ts'
import type { StreamJoinSettings } from './stream-stream-join.ts'
import type { JoinWindows } from './window-definitions.ts'

/** Options of a stream-stream join. Serdes are needed only if they are not known. */
export type StreamJoinOptions<
  K,
  V,
  VO,
  HasKey extends boolean,
  HasValue extends boolean,
  HasOther extends boolean,
> = Omit<StreamJoinSettings, 'key' | 'value' | 'otherValue' | 'windows'> & {
  /** Which records are close enough in time to be joined; made by `joinWindows`. */
  readonly windows: JoinWindows
} & KeyOption<K, HasKey> &
  ValueOption<V, HasValue> &
  ([HasOther] extends [true]
    ? { readonly otherValue?: SerdeFor<VO> | undefined }
    : { readonly otherValue: SerdeFor<VO> })

/**
 * Options of a stream-table join. A stream whose key has changed goes through a repartition topic, and needs the serdes
 * that it lost.
 */
export type StreamTableJoinOptions<
  K,
  V,
  HasKey extends boolean = boolean,
  HasValue extends boolean = boolean,
> = NameOption & {
  /** How long records wait for the table to catch up, in milliseconds. Needs a versioned table. */
  readonly graceMs?: number | undefined
} & ([HasKey] extends [true]
    ? { readonly key?: SerdeFor<K> | undefined; readonly value?: SerdeFor<V> | undefined }
    : KeyOption<K, HasKey> & ValueOption<V, HasValue>)

/** Options of `to` and `repartition`. */
export interface ToOptions<K = never, V = never> extends NameOption {
  /** Picks the partition of each record. Default: the murmur2 hash of the key's bytes. */
  readonly partitioner?: StreamPartitioner<K, V> | undefined
}

/** A topic, or a function that chooses one for each record. */
export type TopicChoice<K, V> = string | TopicNameExtractor<K, V>

/** Options of `repartition`; a serde that was lost is required. */
export type RepartitionOptions<K, V, HasKey extends boolean, HasValue extends boolean> = ToOptions<K, V> & {
  /** Default: as many as the topics upstream have. */
  readonly partitions?: number | undefined
} & KeyOption<K, HasKey> &
  ValueOption<V, HasValue>

/** Options of `toTable`; a serde that was lost is required. */
export type ToTableOptions<K, V, HasKey extends boolean, HasValue extends boolean> = NameOption &
  Omit<KeyValueStoreOptions<K, V>, 'key' | 'value'> &
  KeyOption<K, HasKey> &
  ValueOption<V, HasValue>

/** Options of a table operator. If an option of the store is given, the result is materialized. */
export type TableOptions<K, V> = NameOption & KeyValueStoreOptions<K, V>
/** As `TableOptions`, with a serde for the values of the result. */
export type TableOptionsWithValue<K, V> = TableOptions<K, V> & {
  /** Serde of the values of the result. */
  readonly value: Serde<V>
}

/** A table of these keys and values, whatever is known of its serdes: what others are joined with. */
export interface AnyTableOf<K, V, Deleted extends null = null> {
  readonly kind: 'table'
  readonly types: { readonly key: K; readonly value: V; readonly deleted: Deleted }
}
