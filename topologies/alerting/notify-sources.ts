import { nextSourceRow, type SourceRow } from '../../src/alerts/index.ts'
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '../../src/index.ts'

/** Whether an alert fires as the source of an inhibition. */
export interface SourceChange {
  readonly alert: string
  readonly isSource: boolean
}

/** Keeps the rows of the table of inhibitions, and forwards those that change; null: the row is empty. */
export class SourceRows implements Processor<string, SourceChange, string, SourceRow | null> {
  readonly #storeName: string
  #context!: ProcessorContext<string, SourceRow | null>
  #rows!: KeyValueStore<string, SourceRow>

  constructor(storeName: string) {
    this.#storeName = storeName
  }

  init(context: ProcessorContext<string, SourceRow | null>): void {
    this.#context = context
    this.#rows = context.getStateStore(this.#storeName)
  }

  process({ key, value: { alert, isSource }, timestamp }: StreamRecord<string, SourceChange>): void {
    const row = this.#rows.get(key) ?? []
    if (row.includes(alert) === isSource) return
    const next = nextSourceRow(row, alert, isSource)
    if (next.includes(alert) !== isSource) {
      this.#context.metrics.counter('alert_source:left-out').increment()
      return
    }
    if (next.length === 0) this.#rows.delete(key)
    else this.#rows.put(key, next)
    this.#context.forward({ key, value: next.length === 0 ? null : next, timestamp })
  }
}
