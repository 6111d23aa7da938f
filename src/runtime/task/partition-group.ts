import { MillraceError } from '../../core/errors.ts'
import { partitionKey } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import type { RecordQueue } from './record-queue.ts'
import { TimeHeap } from './time-heap.ts'

/** Records on the broker that were not fetched yet; undefined while unknown. */
export type PartitionLag = (topic: string, partition: number) => number | undefined

/** Processes what is local, never waits (Java's max.task.idle.ms -1). */
export const neverIdle = -1

/**
 * The input partitions of one task: hands out the record with the lowest timestamp, and knows when it is worth waiting
 * for a partition that is empty here but not on the broker.
 *
 * A task adds fetched batches and, while `mayProcess` says so, takes `next`, processes it and calls `advance`. A queue
 * is in one of three states:
 * ```
 * empty    no records; `mayProcess` looks at its lag on the broker
 * headless it has records, the first is yet to be decoded (or could not be): in #headless
 * ready    its head is decoded: in the heap, by the head's timestamp
 * ```
 * With `maxTaskIdleMs` 0, `mayProcess` waits for empty partitions only while the broker is known, or not yet known, to
 * have records of them; with 100 it waits another 100 ms after that; with -1 never (KIP-695).
 */
export class PartitionGroup {
  readonly #queues = new Map<string, RecordQueue>()
  readonly #ready = new TimeHeap<RecordQueue>((queue) => queue.headTimestamp)
  readonly #maxTaskIdleMs: number
  readonly #lag: PartitionLag
  readonly #idleSinceMs = new Map<RecordQueue, number>()
  /** Queues with records whose first is yet to be decoded: it is new, or it could not be read. */
  readonly #headless = new Set<RecordQueue>()
  /** Whose record could not be read when that was tried last. */
  #failed: RecordQueue | undefined
  #buffered = 0
  /** How many queues had a head when `mayProcess` was true. */
  #readyWhenAsked = -1
  /** Highest timestamp handed out; -1 before the first. */
  streamTimeMs = -1

  constructor(queues: readonly RecordQueue[], maxTaskIdleMs: number, lag: PartitionLag) {
    for (const queue of queues) this.addQueue(queue)
    this.#maxTaskIdleMs = maxTaskIdleMs
    this.#lag = lag
  }

  get queues(): IterableIterator<RecordQueue> {
    return this.#queues.values()
  }

  /** Records held in all queues. */
  get buffered(): number {
    return this.#buffered
  }

  /** Nothing is held here, and nothing is known to be left to fetch. */
  get isCaughtUp(): boolean {
    if (this.#buffered > 0) return false
    for (const { topic, partition } of this.#queues.values()) if (this.#lag(topic, partition) !== 0) return false
    return true
  }

  /** The queue of a partition; undefined if the task does not read it. */
  queue(topic: string, partition: number): RecordQueue | undefined {
    return this.#queues.get(partitionKey(topic, partition))
  }

  /** An input that was found while the task runs. A queue that is there under the same name is replaced. */
  addQueue(queue: RecordQueue): void {
    this.#queues.set(partitionKey(queue.topic, queue.partition), queue)
  }

  /** What it holds is dropped: its topic is gone. */
  removeQueue(topic: string, partition: number): void {
    const queue = this.queue(topic, partition)
    if (queue === undefined) return
    this.#queues.delete(partitionKey(topic, partition))
    this.#buffered -= queue.size
    this.#headless.delete(queue)
    this.#idleSinceMs.delete(queue)
    if (this.#failed === queue) this.#failed = undefined
    this.#ready.remove(queue)
  }

  /** Returns the queue that took the batch, which decodes nothing yet. Throws PARTITION_NOT_OWNED (fatal). */
  add(batch: RecordBatch): RecordQueue {
    const queue = this.queue(batch.topic, batch.partition)
    if (queue === undefined) {
      throw new MillraceError(
        'PARTITION_NOT_OWNED',
        'fatal',
        `a batch of ${batch.topic}-${batch.partition} came to a task that does not read it`,
      )
    }
    queue.add(batch)
    this.#buffered += batch.count
    if (!queue.hasHead && queue.size > 0) this.#headless.add(queue)
    return queue
  }

  /**
   * Whether the next record may be taken: no partition that could hold an earlier one is still to be fetched. Throws where
   * a record that may be the next one cannot be read; a later call tries again.
   */
  mayProcess(nowMs: number): boolean {
    const may = this.#look(nowMs)
    this.#readyWhenAsked = may ? this.#ready.size : -1
    return may
  }

  /**
   * `mayProcess` of the record behind one that was processed right after it: nothing was fetched in between, so that
   * partitions are looked at only where one has run out of records.
   */
  mayContinue(nowMs: number): boolean {
    return (this.#headless.size === 0 && this.#ready.size === this.#readyWhenAsked) || this.mayProcess(nowMs)
  }

  #look(nowMs: number): boolean {
    if (this.#headless.size > 0) for (const queue of this.#headless) this.#findHead(queue)
    if (this.#ready.size === 0) return false
    if (this.#maxTaskIdleMs === neverIdle || this.#ready.size === this.#queues.size) {
      if (this.#idleSinceMs.size > 0) this.#idleSinceMs.clear()
      return true
    }
    let may = true
    for (const queue of this.#queues.values()) {
      if (queue.hasHead) this.#idleSinceMs.delete(queue)
      else if (!this.#mayIgnore(queue, nowMs)) may = false
    }
    return may
  }

  #mayIgnore(queue: RecordQueue, nowMs: number): boolean {
    const lag = this.#lag(queue.topic, queue.partition)
    if (lag === undefined || lag > 0) {
      this.#idleSinceMs.delete(queue)
      return false
    }
    if (this.#maxTaskIdleMs === 0) return true
    const since = this.#idleSinceMs.get(queue)
    if (since === undefined) {
      this.#idleSinceMs.set(queue, nowMs)
      return false
    }
    return nowMs - since >= this.#maxTaskIdleMs
  }

  /**
   * The queue whose head goes next; its head stays until `advance`. Stream time moves to the head's timestamp, never
   * back. Call it only after `mayProcess` has returned true.
   */
  next(): RecordQueue | undefined {
    const queue = this.#ready.peek()
    if (queue !== undefined && queue.headTimestamp > this.streamTimeMs) this.streamTimeMs = queue.headTimestamp
    return queue
  }

  /** Drops the record that `next` returned. Throws where the record behind it cannot be read and its handler says fail. */
  advance(): void {
    this.#advance(this.#ready.poll() as RecordQueue)
  }

  #advance(queue: RecordQueue): void {
    const before = queue.size
    this.#failed = queue
    try {
      queue.advance()
      this.#failed = undefined
    } finally {
      this.#sort(queue, before)
    }
  }

  #findHead(queue: RecordQueue): void {
    const before = queue.size
    this.#failed = queue
    try {
      queue.findHead()
      this.#failed = undefined
    } finally {
      this.#headless.delete(queue)
      this.#sort(queue, before)
    }
  }

  #sort(queue: RecordQueue, sizeBefore: number): void {
    this.#buffered += queue.size - sizeBefore
    if (queue.hasHead) this.#ready.offer(queue)
    else if (queue.size > 0) this.#headless.add(queue)
  }

  /**
   * Drops what could not be read, and the record at this place if it is still the head: nobody is to meet them again.
   * Throws as `advance`.
   */
  skipFailed({ topic, partition, offset }: Pick<RecordContext, 'topic' | 'partition' | 'offset'>): void {
    const failed = this.#failed
    if (failed !== undefined) {
      this.#headless.delete(failed)
      this.#advance(failed)
    }
    const queue = this.queue(topic, partition)
    if (queue?.hasHead && queue.headOffset === offset && this.#ready.peek() === queue) this.advance()
  }

  /**
   * Drops all records and forgets for how long partitions were empty; stream time and the queues stay. For a task that
   * begins again at its last commit.
   */
  clear(): void {
    for (const queue of this.#queues.values()) queue.clear()
    while (this.#ready.poll() !== undefined);
    this.#headless.clear()
    this.#failed = undefined
    this.#buffered = 0
    this.#idleSinceMs.clear()
  }
}
