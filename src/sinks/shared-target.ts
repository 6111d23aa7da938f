import type { BatchTarget, SinkItem, WriteResult } from './batch-target.ts'
import type { SinkRecord } from './port.ts'

/** One target for the sinks of all tasks: opened by the first, closed by the last; a failed opening is tried again. */
export class SharedTarget<Item extends SinkItem> implements BatchTarget<Item> {
  readonly #target: BatchTarget<Item>
  #users = 0
  #opening: Promise<void> | undefined

  constructor(target: BatchTarget<Item>) {
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

  encode(record: SinkRecord): Item {
    return this.#target.encode(record)
  }

  write(items: readonly Item[], signal: AbortSignal): Promise<WriteResult<Item>> {
    return this.#target.write(items, signal)
  }

  async close(): Promise<void> {
    if (--this.#users > 0) return
    this.#opening = undefined
    await this.#target.close()
  }
}
