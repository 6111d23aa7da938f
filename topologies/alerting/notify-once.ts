import type { Notice } from '../../src/alerts/index.ts'
import type { FixedKeyProcessor, FixedKeyProcessorContext, StreamRecord } from '../../src/index.ts'

const idsMax = 10_000

/**
 * Drops notices that this task has passed on already: whoever decided on them has sent them again after a crash. What is
 * known is lost with the process, so that a kill repeats a notice once at most.
 */
export class NoticesOnce implements FixedKeyProcessor<string, Notice, Notice> {
  #context!: FixedKeyProcessorContext<string, Notice>
  readonly #ids = new Set<string>()

  init(context: FixedKeyProcessorContext<string, Notice>): void {
    this.#context = context
  }

  process(record: StreamRecord<string, Notice>): void {
    const { id, kind } = record.value
    if (this.#ids.has(id)) {
      this.#context.metrics.counter('notice_dropped:repeated').increment()
      return
    }
    this.#remember(id)
    this.#context.metrics.counter(`notice_sent:${kind}`).increment()
    this.#context.forward(record)
  }

  /** The oldest one is forgotten where there are too many. */
  #remember(id: string): void {
    this.#ids.add(id)
    if (this.#ids.size <= idsMax) return
    const [oldest = ''] = this.#ids
    this.#ids.delete(oldest)
  }
}
