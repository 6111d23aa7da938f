import { type Clock, systemClock } from '../core/clock.ts'
import { MillraceError } from '../core/errors.ts'
import type { Consumer, KafkaDriver, StartPosition } from './port.ts'
import { partitionKey } from './port.ts'
import type { RecordBatch } from './record-batch.ts'
import { loneConsumer } from './lone-consumer.ts'

const pollMs = 500

/** Records of one partition from `offset` up to `end`, which is not read; undefined: without end. */
export interface RecordRange extends StartPosition {
  readonly end: number | undefined
}

/**
 * Reads ranges of partitions outside of any group, in the order in which they arrive. Commits nothing and joins nothing.
 * One reader for one pass.
 */
export class RecordReader {
  readonly #consumer: Consumer
  readonly #clock: Clock
  readonly #open: Map<string, number>
  readonly #isEndless: boolean

  constructor(kafka: KafkaDriver, ranges: readonly RecordRange[], clock: Clock = systemClock) {
    this.#clock = clock
    this.#consumer = loneConsumer(kafka)
    const wanted = ranges.filter(({ offset, end }) => end === undefined || typeof offset !== 'number' || offset < end)
    this.#open = new Map(
      wanted.map(({ topic, partition, end }) => [partitionKey(topic, partition), end ?? Number.POSITIVE_INFINITY]),
    )
    this.#isEndless = wanted.some(({ end }) => end === undefined)
    this.#consumer.assign(wanted)
  }

  /**
   * Batches until every range is read. A batch may go beyond the end of its range: see `endOf`. Rejects with
   * READ_TIMEOUT when ranges with an end bring nothing for `silenceMs`.
   */
  async *batches(silenceMs: number): AsyncGenerator<RecordBatch> {
    let lastMs = this.#clock.monotonicMs()
    while (this.#open.size > 0) {
      const batches = await this.#consumer.poll(pollMs)
      for (const batch of batches) yield batch
      // After the yields: how long the caller takes is not the brokers' silence.
      if (batches.length > 0) lastMs = this.#clock.monotonicMs()
      this.#closeRead()
      if (!this.#isEndless && this.#clock.monotonicMs() - lastMs > silenceMs) throw this.#silent(silenceMs)
    }
  }

  /** The offset at which the range of a batch ends. */
  endOf({ topic, partition }: RecordBatch): number {
    return this.#open.get(partitionKey(topic, partition)) ?? 0
  }

  /** Ends a pass that has no end. */
  stop(): void {
    this.#open.clear()
    this.#consumer.wakeup()
  }

  /** Closes the consumer; the driver stays open. */
  close(): Promise<void> {
    return this.#consumer.close()
  }

  /** Control records and compacted records at the end of a range bring no batch; the position tells that they are read. */
  #closeRead(): void {
    for (const partition of this.#consumer.assignment()) {
      const key = partitionKey(partition.topic, partition.partition)
      const end = this.#open.get(key)
      if (end !== undefined && (this.#consumer.position(partition) ?? 0) < end) continue
      this.#open.delete(key)
      this.#consumer.unassign([partition])
    }
  }

  /** Names three of the partitions at most: a topic may have hundreds. */
  #silent(silenceMs: number): MillraceError {
    const left = [...this.#open.keys()].slice(0, 3).join(', ')
    const text = `no records of ${left} came for ${silenceMs} ms: check that their brokers are running`
    return new MillraceError('READ_TIMEOUT', 'retriable', text)
  }
}
