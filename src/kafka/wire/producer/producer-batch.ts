import type { Compression, SendFailure } from '../../port.ts'
import { decodeBatch } from '../codec/record-batch-reader.ts'
import { RecordBatchWriter, stampBatch } from '../codec/record-batch-writer.ts'
import { readBatchHeader } from '../codec/record-codec.ts'

/** Who wrote a batch, as the broker's duplicate check knows it. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
  /** The coordinator of transactions gave it, and gives the next one; only then does it change. */
  readonly isTransactional?: boolean
}

export const noSequence = -1

/** A sealed batch on its way: in a queue, in flight, or back in the queue after a failure. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly bytes: Buffer
  readonly count: number
  /** Rises along the partition; retries go back to their place by it. */
  readonly order: number
  deadlineMs: number
  /** Assigned when it is first sent, kept over retries; `noSequence` before. */
  sequence = noSequence
  attempts = 0
  /** A try of it had no answer, or one that does not say whether it was appended. */
  mayBeInLog = false
  #isUndecided = false
  lastError: unknown
  /** The room in `order` up to the next batch; halves share it. */
  #span = 1

  constructor(topic: string, partition: number, bytes: Buffer, count: number, order: number, deadlineMs: number) {
    this.topic = topic
    this.partition = partition
    this.bytes = bytes
    this.count = count
    this.order = order
    this.deadlineMs = deadlineMs
  }

  /** A try of it had no answer, or it was appended when the broker gave up. */
  get isUndecided(): boolean {
    return this.#isUndecided
  }

  /** Nobody said what became of it. */
  wasNotAnswered(): void {
    this.#isUndecided = true
    this.mayBeInLog = true
  }

  stamp(identity: ProducerIdentity | undefined): void {
    if (identity === undefined) stampBatch(this.bytes, -1, -1, -1)
    else stampBatch(this.bytes, identity.producerId, identity.epoch, this.sequence, identity.isTransactional)
  }

  /** Two halves that together continue the sequence of this one. Only for more than one record. */
  split(compression: Compression): readonly [ProducerBatch, ProducerBatch] {
    const half = this.count >> 1
    const middle = this.order + this.#span / 2
    return [this.#slice(0, half, this.order, compression), this.#slice(half, this.count, middle, compression)]
  }

  /** A batch of the records that the broker did not find fault with, to be sent in the place of this one. */
  without(faulty: ReadonlyMap<number, unknown>, compression: Compression): ProducerBatch {
    const innocent = Array.from({ length: this.count }, (_, index) => index).filter((index) => !faulty.has(index))
    const rest = this.#copy(innocent, this.order, compression)
    rest.#span = this.#span
    return rest
  }

  /** The records as they were sent, with the reason why they were not delivered: one for all, or for those at fault. */
  *failures(error: unknown, faulty?: ReadonlyMap<number, unknown>): Iterable<SendFailure> {
    const records = this.#records()
    for (let index = 0; index < this.count; index++) {
      if (faulty !== undefined && !faulty.has(index)) continue
      yield {
        topic: this.topic,
        partition: this.partition,
        key: records.key(index),
        value: records.value(index),
        timestamp: records.timestamp(index),
        headers: records.headers(index),
        error: faulty?.get(index) ?? error,
      }
    }
  }

  #slice(from: number, to: number, order: number, compression: Compression): ProducerBatch {
    const indexes = Array.from({ length: to - from }, (_, at) => from + at)
    const slice = this.#copy(indexes, order, compression)
    slice.#span = this.#span / 2
    if (this.sequence !== noSequence) slice.sequence = sequenceAfter(this.sequence, from)
    slice.attempts = this.attempts
    slice.mayBeInLog = this.mayBeInLog
    slice.#isUndecided = this.#isUndecided
    slice.lastError = this.lastError
    return slice
  }

  #copy(indexes: readonly number[], order: number, compression: Compression): ProducerBatch {
    const records = this.#records()
    const writer = new RecordBatchWriter()
    for (const index of indexes) {
      writer.append(records.key(index), records.value(index), records.timestamp(index), records.headers(index))
    }
    const bytes = writer.seal(compression)
    return new ProducerBatch(this.topic, this.partition, bytes, indexes.length, order, this.deadlineMs)
  }

  #records() {
    this.stamp(undefined)
    return decodeBatch(this.topic, this.partition, this.bytes, readBatchHeader(this.bytes, 0)!, 0)
  }
}

/** Sequence numbers run from 0 to 2^31 - 1 and start over. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % 0x80000000
}
