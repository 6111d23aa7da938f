import type { BatchTarget, SinkBatch, WriteResult } from './batch-target.ts'

/** One target for the sinks of all tasks: opened by the first, closed by the last; a failed opening is tried again. */
export class SharedTarget<Batch extends SinkBatch> implements BatchTarget<Batch> {
  readonly #target: BatchTarget<Batch>
  #users = 0
  #opening: Promise<void> | undefined

  constructor(target: BatchTarget<Batch>) {
    this.#target = target
  }

  async open(): Promise<void> {
    this.#users++
    this.#opening ??= this.#target.open()
    try {
      await this.#opening
    } catch (error) {
      this.#opening = undefined
      this.#users--
      throw error
    }
  }

  newBatch(): Batch {
    return this.#target.newBatch()
  }

  write(batch: Batch, signal: AbortSignal): Promise<WriteResult<Batch>> {
    return this.#target.write(batch, signal)
  }

  async close(): Promise<void> {
    if (--this.#users > 0) return
    this.#opening = undefined
    await this.#target.close()
  }
}
