import type { Bytes } from '../../../core/bytes.ts'
import type { Headers } from '../../../core/headers.ts'
import type { Compression } from '../../port.ts'
import type { BatchBuffers } from '../codec/batch-buffers.ts'
import { noSequence, ProducerBatch, type ProducerIdentity, sequenceAfter } from './producer-batch.ts'
import { RecordBatchWriter, recordContentBytes } from '../codec/record-batch-writer.ts'

const largestEpoch = 0x7fff

/** What keeps batches of a partition in order: the broker, by sequences, or that only one is in flight. */
export type BatchOrdering = 'by-sequence' | 'one-by-one'

/**
 * The gap between the batches that were numbered and the next one. `unknown`: one of them was given up and may or
 * may not be in the log. `refused`: the broker said that the oldest of them does not follow what is in the log.
 */
type Gap = 'none' | 'unknown' | 'refused'

/**
 * The batches that a producer holds for one partition: the batch under construction, sealed batches in order, those in flight, and
 * the sequence numbers by which the broker refuses duplicates and gaps.
 *
 * The broker keeps producer state per partition, so each partition here has its own epoch: a gap in one is closed by
 * raising its epoch and counting from 0 again, without touching the others. A batch that was sent keeps its number
 * until the broker refused it: under another number the broker could not detect that it already has the batch.
 *
 * In a transaction the epoch is the coordinator's. A batch may be given up there if the broker refused it at its first
 * try: it is not in the log, and the next one takes its number. Any other gap ends the transaction.
 */
export class ProducerPartition {
  readonly topic: string
  readonly partition: number
  /** When the oldest record of the batch under construction came. */
  openedAtMs = 0
  /** After a failure, nothing is sent before this. */
  notBeforeMs = 0
  failures = 0
  acknowledgedOffset: number | undefined
  readonly inFlight = new Set<ProducerBatch>()
  readonly #writer: RecordBatchWriter
  readonly #sealed: ProducerBatch[] = []
  #nextOrder = 0
  #identity: ProducerIdentity | undefined
  #nextSequence = 0
  #gap: Gap = 'none'
  /** Of the batch that was given up last. */
  #gapOrder = -1
  /** In a transaction, the number that the first batch behind the gap takes. */
  #gapSequence = noSequence
  #acknowledgedOrder = -1
  /** The broker that batches in flight went to. */
  #nodeId = -1

  constructor(topic: string, partition: number, buffers?: BatchBuffers) {
    this.topic = topic
    this.partition = partition
    this.#writer = new RecordBatchWriter(buffers)
  }

  get openBytes(): number {
    return this.#writer.count === 0 ? 0 : this.#writer.byteLength
  }

  get hasOpen(): boolean {
    return this.#writer.count > 0
  }

  get sealed(): readonly ProducerBatch[] {
    return this.#sealed
  }

  /** No record of the partition is under construction, sealed or in flight. */
  get isEmpty(): boolean {
    return this.#writer.count === 0 && this.#sealed.length === 0 && this.inFlight.size === 0
  }

  /** Adds a record to the batch under construction; synchronous, and copies the bytes. */
  append(
    key: Bytes | null,
    value: Bytes | null,
    timestamp: number,
    headers: Headers,
    contentBytes = recordContentBytes(key, value, headers),
  ): void {
    this.#writer.append(key, value, timestamp, headers, contentBytes)
  }

  /** Closes the batch under construction, which must have records. */
  seal(compression: Compression, deliveryTimeoutMs: number): ProducerBatch {
    const count = this.#writer.count
    const bytes = this.#writer.seal(compression)
    const deadlineMs = this.openedAtMs + deliveryTimeoutMs
    const batch = new ProducerBatch(this.topic, this.partition, bytes, count, this.#nextOrder++, deadlineMs)
    this.#sealed.push(batch)
    return batch
  }

  /**
   * Whether the next batch, if there is one, may go to this broker. Batches in flight keep their order because the
   * broker checks sequences; once one was retried, and without sequences, they are sent one by one. While a leader owes
   * answers, nothing goes to another one, which would not miss what the first has not written.
   */
  canSend(ordering: BatchOrdering, nodeId: number): boolean {
    if (this.inFlight.size === 0) return true
    if (nodeId !== this.#nodeId) return false
    return ordering === 'by-sequence' && this.#gap === 'none' && (this.#sealed[0]?.attempts ?? 0) === 0
  }

  /** The next batch, ready to send. `identity` is undefined for a producer without sequences. */
  take(identity: ProducerIdentity | undefined, nodeId: number): ProducerBatch {
    this.#nodeId = nodeId
    const batch = this.#sealed.shift() as ProducerBatch
    if (identity !== undefined) this.#number(batch, identity)
    // Into the very bytes that a socket was given before: a batch comes back once its request was answered, or the connection is gone.
    batch.stamp(this.#identity)
    batch.attempts++
    this.inFlight.add(batch)
    return batch
  }

  /** true when an epoch is due that the current producer id does not have any more. */
  needsOtherProducerId(current: ProducerIdentity | undefined): boolean {
    const mine = this.#identity
    return this.#gap !== 'none' && mine?.epoch === largestEpoch && mine.producerId === current?.producerId
  }

  /** The batch is given up. Those numbered after it need other numbers, unless it is in the log: they find that out. */
  drop(batch: ProducerBatch): void {
    this.inFlight.delete(batch)
    if (batch.sequence === noSequence) return
    if (this.#gap === 'none' || batch.order < this.#gapOrder) this.#gapSequence = batch.sequence
    if (this.#gap === 'none') this.#gap = 'unknown'
    this.#gapOrder = Math.max(this.#gapOrder, batch.order)
  }

  acknowledge(batch: ProducerBatch, baseOffset: number): void {
    this.inFlight.delete(batch)
    this.failures = 0
    this.#acknowledgedOrder = Math.max(this.#acknowledgedOrder, batch.order)
    if (this.#gap === 'unknown' && batch.order > this.#gapOrder) this.#gap = 'none'
    if (baseOffset >= 0) this.acknowledgedOffset = Math.max(this.acknowledgedOffset ?? 0, baseOffset + batch.count)
  }

  /** Back to its place in the queue, as `batches`: itself, or what it was split into. */
  requeue(batch: ProducerBatch, batches: readonly ProducerBatch[] = [batch]): void {
    this.inFlight.delete(batch)
    const later = this.#sealed.findIndex((other) => other.order > batch.order)
    this.#sealed.splice(later < 0 ? this.#sealed.length : later, 0, ...batches)
  }

  /**
   * The broker took a batch that comes after this one, so this one is in the log too, although the broker has forgotten
   * its number by now. One that the broker answered and refused is not: a broker that knows nothing of the producer yet
   * takes a batch of any number.
   */
  isInLog(batch: ProducerBatch): boolean {
    return batch.isUndecided && !this.#identity?.isTransactional && batch.order < this.#acknowledgedOrder
  }

  /**
   * The broker refused the number. When nothing older is still undecided, only a new epoch helps. false: there is none
   * to take, because the epoch is that of a transaction.
   */
  refuseSequence(batch: ProducerBatch): boolean {
    const isOldest = [...this.inFlight, ...this.#sealed].every(
      (other) => other.order >= batch.order || other.attempts === 0,
    )
    if (!isOldest) return true
    if (this.#identity?.isTransactional && this.#gap === 'none') return false
    this.#gap = 'refused'
    return true
  }

  /** Gives back time in which nothing could be sent; a batch never has longer than one that is opened now. */
  postpone(byMs: number, nowMs: number, deliveryTimeoutMs: number): void {
    this.openedAtMs = Math.min(nowMs, this.openedAtMs + byMs)
    for (const batch of [...this.inFlight, ...this.#sealed]) {
      batch.deadlineMs = Math.min(nowMs + deliveryTimeoutMs, batch.deadlineMs + byMs)
    }
  }

  /** Removes sealed batches whose time is over. Those in flight end with their request. */
  takeExpired(nowMs: number): readonly ProducerBatch[] {
    const expired: ProducerBatch[] = []
    while (this.#sealed[0] !== undefined && this.#sealed[0].deadlineMs <= nowMs) {
      const batch = this.#sealed.shift() as ProducerBatch
      this.drop(batch)
      expired.push(batch)
    }
    return expired
  }

  /** Removes everything that is sealed and not in flight. */
  takeAll(): readonly ProducerBatch[] {
    return this.#sealed.splice(0)
  }

  /** Drops everything that is not in flight, also what is under construction. Failures are forgotten. */
  clear(): readonly ProducerBatch[] {
    this.#writer.clear()
    this.failures = 0
    this.notBeforeMs = 0
    return this.takeAll()
  }

  #number(batch: ProducerBatch, identity: ProducerIdentity): void {
    if (identity.isTransactional && identity !== this.#identity) this.#restart(identity)
    const isRefused = this.#gap === 'refused' || (this.#gap === 'unknown' && batch.sequence === noSequence)
    if (this.#identity === undefined || isRefused) this.#renumber(batch, identity)
    if (batch.sequence !== noSequence) return
    batch.sequence = this.#nextSequence
    this.#nextSequence = sequenceAfter(this.#nextSequence, batch.count)
  }

  /** Only called with nothing in flight: `canSend` holds batches back while there is a gap. */
  #renumber(next: ProducerBatch, identity: ProducerIdentity): void {
    const current = this.#identity
    if (identity.isTransactional) this.#nextSequence = this.#gapSequence
    else {
      this.#identity =
        current === undefined || current.producerId !== identity.producerId
          ? identity
          : { ...current, epoch: current.epoch + 1 }
      this.#nextSequence = 0
    }
    this.#gap = 'none'
    for (const batch of [next, ...this.#sealed]) batch.sequence = noSequence
  }

  /** Under a new epoch of the coordinator; what came before it is decided, and nothing of it is in flight. */
  #restart(identity: ProducerIdentity): void {
    this.#identity = identity
    this.#gap = 'none'
    this.#nextSequence = 0
  }
}
