import type { Bytes } from '../../../core/bytes.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Headers } from '../../../core/headers.ts'
import { BatchBuffers } from '../codec/batch-buffers.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { ProducerConfig } from './producer-config.ts'
import { ProducerPartition } from './producer-partition.ts'
import { recordOverheadBytesMax } from '../codec/record-batch-writer.ts'

/** `drained` waits until this share of the bound is in use, so that sending does not stop and go with every batch. */
const lowWaterShare = 0.75

/** A batch of so many bytes goes at once while its broker has no request of the producer, as it would in Java. */
const readyBytes = 16 * 1024

/**
 * Records that were sent and not yet acknowledged, by partition. Counts their bytes (compressed once a batch is sealed)
 * and knows which partitions have a batch that is due. `WireProducer.send` appends, `ProducerSender` takes; it does
 * nothing by itself and has no timer.
 *
 * A batch is due when it is full or was replaced by a retry, `lingerMs` after its first record, or at once while a
 * flush runs or the bound is reached: only an acknowledgment makes room then. It is ready when it has 16 KiB: sent before
 * it is due, if its broker is idle. So batches wait little at a moderate rate, and grow at a high one. `BrokerLoad` says
 * when an idle broker gets those that are smaller.
 */
export class Accumulator {
  readonly #config: ProducerConfig
  readonly #clock: Clock
  readonly #buffers = new BatchBuffers()
  readonly #topics = new Map<string, ProducerPartition[]>()
  /** Partitions with anything unacknowledged; those served last come last. */
  readonly #active = new Set<ProducerPartition>()
  #bufferedBytes = 0
  /** Everything is due, whatever `lingerMs` says. */
  isFlushing = false

  constructor(config: ProducerConfig, clock: Clock) {
    this.#config = config
    this.#clock = clock
  }

  /** Everything that was sent is acknowledged or has failed. */
  get isEmpty(): boolean {
    return this.#active.size === 0
  }

  /**
   * The thread takes no more input until `hasRoom`. A single `send` is still accepted: the bound is passed by what one
   * record causes.
   */
  get isFull(): boolean {
    return this.#bufferedBytes >= this.#config.bufferedBytesMax
  }

  /** So far below the bound that sending is worth beginning again. */
  get hasRoom(): boolean {
    return this.#bufferedBytes < this.#config.bufferedBytesMax * lowWaterShare
  }

  /** Partitions with anything unacknowledged, in the order in which they get their turn. */
  get active(): ReadonlySet<ProducerPartition> {
    return this.#active
  }

  /** undefined until something was sent to the partition. */
  partition(topic: string, partition: number): ProducerPartition | undefined {
    return this.#topics.get(topic)?.[partition]
  }

  /** Adds the record. true when that opened, filled or made ready a batch: somebody should look at what is due. */
  append(
    topic: string,
    partition: number,
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    contentBytes: number,
  ): boolean {
    const target = this.partition(topic, partition) ?? this.#addPartition(topic, partition)
    let before = target.openBytes
    if (before > 0 && before + contentBytes + recordOverheadBytesMax > this.#config.batchBytes) {
      this.#seal(target)
      before = 0
    }
    target.append(key, value, timestamp, headers, contentBytes)
    this.#bufferedBytes += target.openBytes - before
    if (before > 0) return before < readyBytes && target.openBytes >= readyBytes
    target.openedAtMs = this.#clock.monotonicMs()
    this.#active.add(target)
    return true
  }

  /** Whether the partition has a batch to send: a full one, or one that waited long enough. */
  isDue(partition: ProducerPartition, nowMs: number): boolean {
    if (partition.notBeforeMs > nowMs) return false
    return partition.sealed.length > 0 || (partition.hasOpen && this.#lingerEndMs(partition) <= nowMs)
  }

  /** Whether the partition has a batch that an idle broker may have before it is due. */
  isReady(partition: ProducerPartition, nowMs: number): boolean {
    return partition.openBytes >= readyBytes && partition.notBeforeMs <= nowMs
  }

  /** How long the batch under construction has waited; negative where there is none, or it may not go after a failure. */
  waitedMs(partition: ProducerPartition, nowMs: number): number {
    return partition.hasOpen && partition.notBeforeMs <= nowMs ? nowMs - partition.openedAtMs : -1
  }

  /**
   * The next time after `nowMs` at which a batch becomes due, has waited for `lingerMs`, or expires; Infinity for
   * never.
   */
  nextChangeMs(partition: ProducerPartition, lingerMs: number, nowMs: number): number {
    const next = partition.sealed[0]
    if (next === undefined && !partition.hasOpen) return Number.POSITIVE_INFINITY
    const deadlineMs = next?.deadlineMs ?? partition.openedAtMs + this.#config.deliveryTimeoutMs
    const dueMs = Math.max(partition.notBeforeMs, next === undefined ? this.#lingerEndMs(partition, lingerMs) : 0)
    return dueMs > nowMs ? Math.min(dueMs, deadlineMs) : deadlineMs
  }

  /** Gives all batches back the time in which something held the event loop. */
  postpone(byMs: number, nowMs: number): void {
    for (const partition of this.#active) partition.postpone(byMs, nowMs, this.#config.deliveryTimeoutMs)
  }

  /** Takes out batches that nobody took in time. */
  takeExpired(partition: ProducerPartition, nowMs: number): readonly ProducerBatch[] {
    if (partition.hasOpen && partition.openedAtMs + this.#config.deliveryTimeoutMs <= nowMs) this.#seal(partition)
    const expired = partition.takeExpired(nowMs)
    for (const batch of expired) this.release(partition, batch)
    return expired
  }

  /** Seals the batch under construction if no other is waiting before it, and moves the partition to the end of the line. */
  prepare(partition: ProducerPartition): void {
    if (partition.sealed.length === 0 && partition.hasOpen) this.#seal(partition)
    this.#active.delete(partition)
    this.#active.add(partition)
  }

  /** Batches under construction too are sealed, to be failed. */
  sealAll(): void {
    for (const partition of this.#active) if (partition.hasOpen) this.#seal(partition)
  }

  /** Drops everything that is not in flight. */
  clear(): void {
    for (const partition of [...this.#active]) {
      this.#bufferedBytes -= partition.openBytes
      for (const batch of partition.clear()) this.#bufferedBytes -= batch.bytes.length
      if (partition.isEmpty) this.#active.delete(partition)
    }
  }

  /** The batch is acknowledged or failed. */
  release(partition: ProducerPartition, batch: ProducerBatch): void {
    this.#bufferedBytes -= batch.bytes.length
    if (partition.isEmpty) this.#active.delete(partition)
  }

  /** The batch was replaced by others that hold the same records. */
  exchange(batch: ProducerBatch, replacements: readonly ProducerBatch[]): void {
    this.#bufferedBytes -= batch.bytes.length
    for (const replacement of replacements) this.#bufferedBytes += replacement.bytes.length
  }

  #lingerEndMs(partition: ProducerPartition, lingerMs = this.#config.lingerMs): number {
    return this.isFlushing || this.isFull ? 0 : partition.openedAtMs + lingerMs
  }

  #seal(partition: ProducerPartition): void {
    this.#bufferedBytes -= partition.openBytes
    this.#bufferedBytes += partition.seal(this.#config.compression, this.#config.deliveryTimeoutMs).bytes.length
  }

  #addPartition(topic: string, partition: number): ProducerPartition {
    let partitions = this.#topics.get(topic)
    if (partitions === undefined) this.#topics.set(topic, (partitions = []))
    const added = new ProducerPartition(topic, partition, this.#buffers)
    partitions[partition] = added
    return added
  }
}
