import type { Consumer } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'

/** Either all of the batch is applied, or it throws and nothing of it counts as applied. */
export type ApplyBatch = (batch: RecordBatch) => Promise<void> | void

/**
 * The only place where batches are taken from a consumer. Each is applied, or its partition seeks back to the start of
 * the batch and returns it again: no failure leaves a gap, and between two calls `position` is what was applied.
 */
export class BatchIntake {
  readonly #consumer: Consumer

  constructor(consumer: Consumer) {
    this.#consumer = consumer
  }

  /**
   * Applies what has arrived, waiting up to `maxWaitMs` for it. A partition that fails does not keep the others from
   * being applied; rejects with the first failure once they are.
   */
  async take(maxWaitMs: number, apply: ApplyBatch): Promise<void> {
    const failures = new Map<string, unknown>()
    for (const batch of await this.#consumer.poll(maxWaitMs)) {
      const key = partitionKey(batch.topic, batch.partition)
      if (failures.has(key)) continue
      try {
        const pending = apply(batch)
        if (pending !== undefined) await pending
      } catch (error) {
        failures.set(key, error)
        this.#putBack(batch)
      }
    }
    for (const error of failures.values()) throw error
  }

  #putBack(batch: RecordBatch): void {
    // It may have been given up meanwhile.
    if (batch.count > 0 && this.#consumer.position(batch) !== undefined) this.#consumer.seek(batch, batch.offset(0))
  }
}
