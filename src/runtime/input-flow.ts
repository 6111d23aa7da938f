import type { Consumer } from '../kafka/port.ts'
import { partitionKey } from '../kafka/port.ts'
import type { RecordBatch } from '../kafka/record-batch.ts'
import type { TaskRegistry } from './task-registry.ts'

/** Moves fetched batches into the tasks' queues; a partition whose queue is long enough is paused until it is not. */
export class InputFlow {
  readonly #consumer: Consumer
  readonly #registry: TaskRegistry
  readonly #bufferedRecordsMax: number

  constructor(consumer: Consumer, registry: TaskRegistry, bufferedRecordsMax: number) {
    this.#consumer = consumer
    this.#registry = registry
    this.#bufferedRecordsMax = bufferedRecordsMax
  }

  /** Returns how many records arrived. Rejects, with the position moved back, when a serde cannot load what it needs for now. */
  async poll(maxWaitMs: number): Promise<number> {
    const batches = await this.#consumer.poll(maxWaitMs)
    let arrived = 0
    for (let index = 0; index < batches.length; index++) {
      const batch = batches[index] as RecordBatch
      const task = this.#registry.readerOf(batch.topic, batch.partition)?.task
      if (task === undefined) continue
      const missing = task.resolve(batch)
      if (missing !== undefined) await this.#resolved(missing, batches, index)
      this.#take(batch)
      arrived += batch.count
    }
    return arrived
  }

  async #resolved(missing: Promise<unknown>, batches: readonly RecordBatch[], index: number): Promise<void> {
    try {
      await missing
    } catch (error) {
      // What was polled and not taken is polled again; the first batch left of a partition comes last and decides.
      for (const batch of batches.slice(index).reverse()) {
        if (batch.count > 0) this.#consumer.seek(batch, batch.offset(0))
      }
      throw error
    }
  }

  #take(batch: RecordBatch): void {
    const owned = this.#registry.readerOf(batch.topic, batch.partition)
    const queue = owned?.task?.add(batch)
    if (owned === undefined || queue === undefined || queue.size <= this.#bufferedRecordsMax) return
    owned.paused.add(partitionKey(batch.topic, batch.partition))
    this.#consumer.pause([batch])
  }

  /** Lets partitions go on whose queues have room again. */
  resume(): void {
    for (const owned of this.#registry.running) {
      if (owned.paused.size === 0 || owned.task === undefined) continue
      for (const queue of owned.task.group.queues) {
        const key = partitionKey(queue.topic, queue.partition)
        if (queue.size > this.#bufferedRecordsMax || !owned.paused.delete(key)) continue
        this.#consumer.resume([queue])
      }
    }
  }
}
