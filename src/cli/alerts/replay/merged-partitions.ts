import { type Clock, systemClock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import { loneConsumer } from '../../../kafka/lone-consumer.ts'
import { type Consumer, type KafkaDriver, partitionKey, type TopicPartition } from '../../../kafka/port.ts'
import type { RecordBatch } from '../../../kafka/record-batch.ts'
import type { RecordRange } from '../../../kafka/record-reader.ts'

const pollMs = 500
const silenceMs = 30_000

/** A record of a merged pass; its bytes are valid until the next. */
export interface MergedRecord {
  readonly batch: RecordBatch
  readonly index: number
}

/** A partition that is not read to its end. */
class OpenPartition {
  readonly place: TopicPartition
  readonly #end: number
  #batches: readonly RecordBatch[] = []
  #index = 0

  constructor({ topic, partition, end = 0 }: RecordRange) {
    this.place = { topic, partition }
    this.#end = end
  }

  add(batch: RecordBatch): void {
    this.#batches = [...this.#batches, batch]
  }

  /** The next record; undefined: it has to be fetched, or there is none. */
  get head(): MergedRecord | undefined {
    const [batch] = this.#batches
    if (batch === undefined || batch.offset(this.#index) >= this.#end) return undefined
    return { batch, index: this.#index }
  }

  /** Whether no further record can come. */
  isRead(position: number | undefined): boolean {
    return this.head === undefined && (this.#batches.length > 0 || (position ?? 0) >= this.#end)
  }

  next(): void {
    this.#index++
    if (this.#index < (this.#batches[0]?.count ?? 0)) return
    this.#batches = this.#batches.slice(1)
    this.#index = 0
  }
}

/**
 * Reads ranges of partitions outside of any group, all together: the record with the earliest time comes first. A
 * partition that is ahead is paused, so that memory holds a few batches of each.
 */
export class MergedPartitions {
  readonly #consumer: Consumer
  readonly #clock: Clock
  readonly #open: Map<string, OpenPartition>

  constructor(kafka: KafkaDriver, ranges: readonly RecordRange[], clock: Clock = systemClock) {
    const wanted = ranges.filter(({ offset, end }) => typeof offset !== 'number' || offset < (end ?? 0))
    this.#clock = clock
    this.#consumer = loneConsumer(kafka)
    this.#open = new Map(wanted.map((range) => [keyOf(range), new OpenPartition(range)]))
    this.#consumer.assign(wanted)
  }

  /** Until every range is read. Rejects with READ_TIMEOUT when nothing comes for 30 s. */
  async *records(): AsyncGenerator<MergedRecord> {
    for (;;) {
      await this.#fill()
      let first: OpenPartition | undefined
      for (const one of this.#open.values()) if (first === undefined || timeOf(one) < timeOf(first)) first = one
      if (first?.head === undefined) return
      yield first.head
      first.next()
    }
  }

  /** Closes the consumer; the driver stays open. */
  close(): Promise<void> {
    return this.#consumer.close()
  }

  /** Fetches until each partition that is not read to its end has a next record. */
  async #fill(): Promise<void> {
    let lastMs = this.#clock.monotonicMs()
    while (this.#hasEmpty()) {
      this.#pauseFull()
      const batches = await this.#consumer.poll(pollMs)
      for (const batch of batches) this.#open.get(keyOf(batch))?.add(batch)
      if (batches.length > 0) lastMs = this.#clock.monotonicMs()
      else if (this.#clock.monotonicMs() - lastMs > silenceMs) throw this.#silent()
    }
  }

  /** Partitions that are read to their end are left. */
  #hasEmpty(): boolean {
    let hasEmpty = false
    for (const [key, one] of this.#open) {
      if (one.head !== undefined) continue
      if (one.isRead(this.#consumer.position(one.place))) {
        this.#open.delete(key)
        this.#consumer.unassign([one.place])
      } else hasEmpty = true
    }
    return hasEmpty
  }

  #pauseFull(): void {
    for (const one of this.#open.values()) {
      if (one.head === undefined) this.#consumer.resume([one.place])
      else this.#consumer.pause([one.place])
    }
  }

  #silent(): MillraceError {
    const left = [...this.#open.keys()].slice(0, 3).join(', ')
    const text = `no records of ${left} came for ${silenceMs} ms: check that their brokers are running`
    return new MillraceError('READ_TIMEOUT', 'retriable', text)
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return partitionKey(topic, partition)
}

function timeOf({ head }: OpenPartition): number {
  return head === undefined ? Number.POSITIVE_INFINITY : head.batch.timestamp(head.index)
}
