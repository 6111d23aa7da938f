import type { Bytes } from '../../core/bytes.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import { ignoreRejection } from '../../core/no-promise.ts'
import { shown } from '../../core/shown.ts'
import type { Change, Receiver } from '../../operators/operator.ts'
import { nameFault } from '../../topology/names.ts'
import type { SinkNode } from '../../topology/node.ts'
import { encodeChange } from './change-codec.ts'
import type { DropLog } from './drop-log.ts'
import type { RecordCollector } from './record-collector.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import type { RecordErrors } from './record-errors.ts'

type TopicExtractor = Exclude<SinkNode['topic'], string>

/**
 * A sink node of one task: serializes, picks topic and partition, hands over to the collector. Called for each record
 * that reaches the node. It never throws for a record: every error, also that of a user's extractor, serde or
 * partitioner, goes to the production handler, which gets as much of the record as is known by then (no topic, no
 * bytes, or all).
 *
 * The partition is chosen in this order: the node's partitioner, unless it returns undefined; the bytes of the key, or
 * the part of them that `partitionBytes` of the serde names; any partition for a null key. Serializing sees the headers
 * that the record is sent with, and may add to them.
 */
export class SinkReceiver implements Receiver {
  readonly #node: SinkNode
  readonly #topic: string | undefined
  readonly #topicOf: TopicExtractor | undefined
  readonly #collector: RecordCollector
  readonly #errors: RecordErrors
  readonly #drops: DropLog
  readonly #recordContext: RecordContext

  /** `topicName` puts the application's prefix before internal names. */
  constructor(
    node: SinkNode,
    topicName: (name: string) => string,
    collector: RecordCollector,
    errors: RecordErrors,
    drops: DropLog,
    recordContext: RecordContext,
  ) {
    this.#node = node
    if (typeof node.topic === 'string') this.#topic = topicName(node.topic)
    else this.#topicOf = node.topic
    this.#collector = collector
    this.#errors = errors
    this.#drops = drops
    this.#recordContext = recordContext
  }

  /** null and undefined are sent as null, without a serde. */
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    let topic = this.#topic
    try {
      topic ??= this.#pickTopic(key, value, timestamp, headers)
    } catch (error) {
      // No topic: what the record is about is all that is known.
      this.#errors.production(error, this.#node.name, { topic: '', key: null, value: null, timestamp, headers })
      return
    }
    let keyBytes: Bytes | null = null
    let valueBytes: Bytes | null = null
    try {
      keyBytes = key === null || key === undefined ? null : this.#node.key.serialize(key, topic, headers)
      this.#checkBytes('key', keyBytes)
      valueBytes = this.#serializeValue(value, topic, headers)
      this.#checkBytes('value', valueBytes)
    } catch (error) {
      ignoreRejection(key)
      ignoreRejection(value)
      this.#errors.production(error, this.#node.name, {
        topic,
        key: keyBytes instanceof Uint8Array ? keyBytes : null,
        value: null,
        timestamp,
        headers,
      })
      return
    }
    const collector = this.#collector
    try {
      if (this.#node.partitioner === undefined)
        collector.send(topic, this.#partitionBytes(keyBytes), keyBytes, valueBytes, timestamp, headers)
      else this.#sendPartitioned(topic, key, value, keyBytes, valueBytes, timestamp, headers)
    } catch (error) {
      this.#errors.production(error, this.#node.name, { topic, key: keyBytes, value: valueBytes, timestamp, headers })
    }
  }

  /** The types rule it out; JavaScript may serialize to anything. */
  #checkBytes(part: string, bytes: unknown): void {
    if (bytes === null || bytes instanceof Uint8Array || ArrayBuffer.isView(bytes)) return
    ignoreRejection(bytes)
    throw new MillraceError(
      'NOT_BYTES',
      'record',
      `the serde of the ${part} at ${this.#node.name} returned ${shown(bytes)}: it must return a Uint8Array or null`,
    )
  }

  /** Values of repartitioned tables are changes, see `change-codec.ts`. */
  #serializeValue(value: unknown, topic: string, headers: Headers): Bytes | null {
    if (value === null || value === undefined) return null
    return this.#node.changes
      ? encodeChange(value as Change, this.#node.value, topic, headers)
      : this.#node.value.serialize(value, topic, headers)
  }

  /** Windowed keys, for example, are partitioned by the bytes of their inner key alone, as in Kafka Streams. */
  #partitionBytes(keyBytes: Bytes | null): Bytes | null {
    const serde = this.#node.key
    return keyBytes === null || serde.partitionBytes === undefined ? keyBytes : serde.partitionBytes(keyBytes)
  }

  /** Throws TOPIC_NOT_CHOSEN (record) for what cannot be the name of a topic. */
  #pickTopic(key: unknown, value: unknown, timestamp: number, headers: Headers): string {
    const { topic: from, partition, offset } = this.#recordContext
    const topic: unknown = this.#topicOf?.({ key, value, timestamp, headers, topic: from, partition, offset })
    if (typeof topic === 'string' && nameFault(topic) === undefined) return topic
    ignoreRejection(topic)
    throw new MillraceError(
      'TOPIC_NOT_CHOSEN',
      'record',
      `the topic extractor of ${this.#node.name} returned ${shown(topic)}: it must return the name of a topic`,
    )
  }

  /**
   * A partitioner may choose several partitions, or none, which drops the record. It is asked once the count of
   * partitions is known; until then the record waits in the collector. Throws PARTITION_OUT_OF_RANGE (record) before
   * anything is sent.
   */
  #sendPartitioned(
    topic: string,
    key: unknown,
    value: unknown,
    keyBytes: Bytes | null,
    valueBytes: Bytes | null,
    timestamp: number,
    headers: Headers,
  ): void {
    const count = this.#collector.partitionCount(topic)
    if (count === undefined) {
      const record = { topic, key: keyBytes, value: valueBytes, timestamp, headers }
      const send = () => this.#sendPartitioned(topic, key, value, keyBytes, valueBytes, timestamp, headers)
      this.#collector.defer(record, send)
      return
    }
    const chosen: unknown = this.#node.partitioner?.(topic, key, value, count)
    if (chosen === undefined) {
      this.#collector.send(topic, this.#partitionBytes(keyBytes), keyBytes, valueBytes, timestamp, headers)
      return
    }
    const partitions: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen]
    if (partitions.length === 0) {
      const { topic: source, partition, offset } = this.#recordContext
      const fields = () => ({ partition, offset, destination: topic })
      this.#drops.drop('partitioner chose no partition', this.#node.name, source, fields)
    }
    for (const partition of partitions) {
      if (!Number.isInteger(partition) || (partition as number) < 0 || (partition as number) >= count) {
        ignoreRejection(partition)
        throw new MillraceError(
          'PARTITION_OUT_OF_RANGE',
          'record',
          `the partitioner of ${this.#node.name} chose partition ${shown(partition)} of ${topic}, which has ${count}`,
        )
      }
    }
    for (const partition of partitions as readonly number[]) {
      this.#collector.sendTo(topic, partition, keyBytes, valueBytes, timestamp, headers)
    }
  }
}
