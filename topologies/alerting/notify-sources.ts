import { nextSourceRow, type SourceRow } from '../../src/alerts/index.ts'
import type { KeyValueStore, MetricCounter, Processor, ProcessorContext, StreamRecord } from '../../src/index.ts'

/** Whether an alert fires as the source of an inhibition. */
export interface SourceChange {
  readonly alert: string
  readonly isSource: boolean
}

/** Keeps the rows of the table of inhibitions, and forwards those that change; null: the row is empty. */
export class SourceRows implements Processor<string, SourceChange, string, SourceRow | null> {
  readonly #storeName: string
  readonly #leftOut: (row: string, alert: string) => void
  #leftOutCount!: MetricCounter
  #context!: ProcessorContext<string, SourceRow | null>
  #rows!: KeyValueStore<string, SourceRow>

  /** `leftOut`: somebody has to hear of an alert that a row has no room for. */
  constructor(storeName: string, leftOut: (row: string, alert: string) => void) {
    this.#storeName = storeName
    this.#leftOut = leftOut
  }

  init(context: ProcessorContext<string, SourceRow | null>): void {
    this.#context = context
    this.#rows = context.getStateStore(this.#storeName)
    // Known from the start: Prometheus sees no increase in a series that begins.
    this.#leftOutCount = context.metrics.counter('alert_source:left-out')
  }

  process({ key, value: { alert, isSource }, timestamp }: StreamRecord<string, SourceChange>): void {
    const row = this.#rows.get(key) ?? []
    if (row.includes(alert) === isSource) return
    const next = nextSourceRow(row, alert, isSource)
    if (next.includes(alert) !== isSource) {
      this.#leftOutCount.increment()
      this.#leftOut(key, alert)
      return
    }
    if (next.length === 0) this.#rows.delete(key)
    else this.#rows.put(key, next)
    this.#context.forward({ key, value: next.length === 0 ? null : next, timestamp })
  }
}
