import type { Serde } from '../serde/serde.ts'
import type { Headers } from '../core/headers.ts'
import type { OffsetResetPolicy } from './offset-reset.ts'
import type { OperatorSpec } from './operator-spec.ts'

/**
 * Returns the time of a record. `partitionTimeMs` is the highest time seen in the partition so far, -1 at first. A
 * negative result drops the record.
 */
export type TimestampExtractor = (record: ExtractorRecord, partitionTimeMs: number) => number

export interface ExtractorRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** As Kafka holds it; -1 when it has none. */
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
  readonly headers: Headers
}

/** Picks the partition, or several, or none (`[]`); undefined: the default partitioner (murmur2 of the key bytes). */
export type StreamPartitioner<K = unknown, V = unknown> = (
  topic: string,
  key: K,
  value: V,
  partitionCount: number,
) => number | readonly number[] | undefined

export interface TopicNameRecord<K = unknown, V = unknown> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Headers
  /** Where the record that it was made of was read; '', -1 and -1 in a punctuation. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
}
/** Chooses the topic of each record, from its key, value, timestamp and headers. */
export type TopicNameExtractor<K = unknown, V = unknown> = (record: TopicNameRecord<K, V>) => string

/** Physical nodes: what `describe()` prints and a task runs. Children are ordered by connection. */
export type TopologyNode = SourceNode | ProcessorNode | SinkNode

/** Reads topics: decodes keys and values, and decides the time of each record. */
export interface SourceNode {
  readonly kind: 'source'
  readonly name: string
  /** Names without the application prefix for internal topics. */
  readonly topics: readonly string[] | RegExp
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  /** Values are `Change`s on the wire (a table's repartition topic). */
  readonly changes: boolean
  readonly timestampExtractor: TimestampExtractor | undefined
  readonly offsetReset: OffsetResetPolicy | undefined
  readonly children: readonly string[]
}

/** Runs an operator; each task makes one of its own from `operator`. */
export interface ProcessorNode {
  readonly kind: 'processor'
  readonly name: string
  readonly operator: OperatorSpec
  readonly parents: readonly string[]
  readonly children: readonly string[]
  /** Connected stores, in order of connection. */
  readonly stores: readonly string[]
}

/** Writes records to a topic: encodes keys and values, and decides topic and partition. */
export interface SinkNode {
  readonly kind: 'sink'
  readonly name: string
  readonly topic: string | TopicNameExtractor
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
  readonly changes: boolean
  readonly partitioner: StreamPartitioner | undefined
  readonly parents: readonly string[]
}
