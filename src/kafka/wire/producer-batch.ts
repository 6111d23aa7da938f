import type { Compression, SendFailure } from '../port.ts'
import { decodeBatch } from './record-batch-reader.ts'
import { RecordBatchWriter, stampBatch } from './record-batch-writer.ts'
import { readBatchHeader } from './record-codec.ts'

/** Who wrote a batch, as the broker's duplicate check knows it. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
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
  readonly deadlineMs: number
  /** Assigned when it is first sent, kept over retries; `noSequence` before. */
  sequence = noSequence
  attempts = 0
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

  stamp(identity: ProducerIdentity | undefined): void {
    if (identity === undefined) stampBatch(this.bytes, -1, -1, -1)
    else stampBatch(this.bytes, identity.producerId, identity.epoch, this.sequence)
  }

  /** Two halves that together continue the sequence of this one. Only for more than one record. */
  split(compression: Compression): readonly [ProducerBatch, ProducerBatch] {
    const half = this.count >> 1
    const middle = this.order + this.#span / 2
    return [this.#slice(0, half, this.order, compression), this.#slice(half, this.count, middle, compression)]
  }

  /** The records as they were sent, with the reason why they were not delivered. */
  *failures(error: unknown): Iterable<SendFailure> {
    const records = this.#records()
    for (let index = 0; index < this.count; index++) {
      yield {
        topic: this.topic,
        partition: this.partition,
        key: records.key(index),
        value: records.value(index),
        timestamp: records.timestamp(index),
        headers: records.headers(index),
        error,
      }
    }
  }

  #slice(from: number, to: number, order: number, compression: Compression): ProducerBatch {
    const records = this.#records()
    const writer = new RecordBatchWriter()
    for (let index = from; index < to; index++) {
      writer.append(records.timestamp(index), records.key(index), records.value(index), records.headers(index))
    }
    const slice = new ProducerBatch(
      this.topic,
      this.partition,
      writer.seal(compression),
      to - from,
      order,
      this.deadlineMs,
    )
    slice.#span = this.#span / 2
    if (this.sequence !== noSequence) slice.sequence = sequenceAfter(this.sequence, from)
    slice.attempts = this.attempts
    slice.lastError = this.lastError
    return slice
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
