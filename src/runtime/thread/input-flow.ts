import type { Consumer } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { BatchIntake } from './batch-intake.ts'
import type { OwnedTask } from './owned-task.ts'
import type { TaskRegistry } from './task-registry.ts'
import type { TaskSteps } from './task-steps.ts'

/** Moves fetched batches into the tasks' queues; a partition whose queue is long enough is paused until it is not. */
export class InputFlow {
  readonly #consumer: Consumer
  readonly #intake: BatchIntake
  readonly #registry: TaskRegistry
  readonly #steps: TaskSteps
  readonly #bufferedRecordsMax: number

  constructor(consumer: Consumer, registry: TaskRegistry, steps: TaskSteps, bufferedRecordsMax: number) {
    this.#consumer = consumer
    this.#intake = new BatchIntake(consumer)
    this.#registry = registry
    this.#steps = steps
    this.#bufferedRecordsMax = bufferedRecordsMax
  }

  /**
   * Returns how many records arrived. Rejects, with what was not taken put back, when a serde cannot load what it
   * needs.
   */
  async poll(maxWaitMs: number): Promise<number> {
    let arrived = 0
    await this.#intake.take(maxWaitMs, (batch) => {
      const owned = this.#registry.readerOf(batch.topic, batch.partition)
      const missing = owned?.task?.resolve(batch)
      arrived += batch.count
      return missing === undefined ? this.#add(owned, batch) : this.#addLater(owned, batch, missing)
    })
    return arrived
  }

  async #addLater(owned: OwnedTask | undefined, batch: RecordBatch, missing: Promise<unknown>): Promise<void> {
    try {
      await missing
    } catch (error) {
      if (owned !== undefined) this.#steps.readFailed(owned, error)
      throw error
    }
    this.#add(owned, batch)
  }

  #add(owned: OwnedTask | undefined, batch: RecordBatch): void {
    const queue = owned?.task?.add(batch)
    owned?.succeeded('read')
    if (owned === undefined || queue === undefined || queue.size <= this.#bufferedRecordsMax) return
    owned.pause(batch, this.#consumer)
  }

  /** Resumes partitions whose queues have room again. */
  resume(): void {
    for (const owned of this.#registry.running) {
      if (!owned.hasPaused || owned.task === undefined) continue
      for (const queue of owned.task.group.queues) {
        if (queue.size <= this.#bufferedRecordsMax) owned.resume(queue, this.#consumer)
      }
    }
  }
}
