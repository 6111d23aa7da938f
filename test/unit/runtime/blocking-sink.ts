import { MillraceError } from '../../../src/core/errors.ts'
import type { Sink, SinkContext, SinkRecord } from '../../../src/sinks/port.ts'

/** A sink whose target can be blocked; it keeps what is buffered over refused flushes, as the port asks. */
export class BlockingSink implements Sink {
  readonly written: unknown[] = []
  isBlocked = false
  refusedFlushes = 0
  readonly #capacity: number
  readonly #refuses: (value: unknown) => boolean
  #buffer: SinkRecord[] = []
  #reject: SinkContext['reject'] = () => {}

  constructor(capacity: number, refuses: (value: unknown) => boolean = () => false) {
    this.#capacity = capacity
    this.#refuses = refuses
  }

  get buffered(): number {
    return this.#buffer.length
  }

  get isFull(): boolean {
    return this.#buffer.length >= this.#capacity
  }

  async open(context: SinkContext): Promise<void> {
    this.#reject = context.reject
  }

  add(record: SinkRecord): void {
    this.#buffer.push(record)
  }

  pump(): void {}

  async flush(): Promise<void> {
    if (this.isBlocked) {
      this.refusedFlushes++
      throw new MillraceError('SINK_BACKPRESSURE', 'retriable', 'blocked', { details: { retryAfterMs: 50 } })
    }
    for (const record of this.#buffer.splice(0)) {
      if (this.#refuses(record.value)) this.#reject({ record, reason: 'no', code: 'DOCUMENT_REFUSED' })
      else this.written.push(record.value)
    }
  }

  discard(): void {
    this.#buffer = []
  }

  async close(): Promise<void> {}
}
