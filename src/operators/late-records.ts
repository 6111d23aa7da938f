import type { Headers } from '../core/headers.ts'
import type { OperatorContext, Receiver } from './operator.ts'

/**
 * The late records of an aggregation by window. They are dropped and counted, once per closed window, as in Kafka
 * Streams; with a child (extension) a record that no window takes is forwarded to it, and is not counted.
 */
export class LateRecords {
  readonly #context: OperatorContext
  readonly #child: Receiver | undefined

  constructor(context: OperatorContext, child: string | undefined) {
    this.#context = context
    this.#child = child === undefined ? undefined : context.child(child)
  }

  /** All windows of the record are closed. */
  refused(closedCount: number, key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (this.#child === undefined) this.missed(closedCount)
    else this.#child.process(key, value, timestamp, headers)
  }

  /** Some of the record's windows are closed, others took it. */
  missed(closedCount: number): void {
    for (let count = 0; count < closedCount; count++) this.#context.dropped('expired window')
  }
}
