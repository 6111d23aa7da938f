import type { Headers } from '../core/headers.ts'
import type { TimestampedWindowStore } from '../stores/port.ts'
import type { HidingWindows } from '../stores/retention.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'
import { ForwardingOperator } from './forwarding-operator.ts'
import type { OperatorContext } from './operator.ts'
import type { SpecOf } from './spec-of.ts'
import type { WindowFinder } from './window-finder.ts'
import { WindowedResults } from './windowed-results.ts'
import { windowFinder } from './time-window-finder.ts'

/**
 * The window-aggregate operator keeps one aggregate per key and window, for tumbling, hopping, unlimited and custom
 * windows. Records with a null key are dropped; null values reach the aggregator. A window is closed when its end is at
 * or before stream time minus grace, and a closed window takes no record (`LateRecords`). Forwards a change per update
 * of a window, or one result per window after it has closed. Equals Java's KStreamWindowAggregate.
 */
export class WindowAggregateOperator extends ForwardingOperator {
  readonly #spec: SpecOf<'window-aggregate'>
  readonly #windows: WindowFinder
  readonly #aggregation: Aggregation
  #store!: TimestampedWindowStore<unknown, unknown> & HidingWindows
  #results!: WindowedResults
  /**
   * What the store hid when the task began, if stream time is kept. The changelog may be ahead of the commit at which the
   * task begins: the result of such a window was complete then, and an update would begin it from nothing. Kafka Streams
   * begins it from nothing.
   */
  #visibleFromMs = Number.NEGATIVE_INFINITY

  constructor(spec: SpecOf<'window-aggregate'>) {
    super()
    this.#spec = spec
    this.#windows = windowFinder(spec.windows)
    this.#aggregation = compileAggregation(spec.aggregation)
  }

  override open(context: OperatorContext): void {
    super.open(context)
    this.#store = context.store(this.#spec.store) as TimestampedWindowStore<unknown, unknown> & HidingWindows
    const { observedMs } = this.#store
    if (context.settings.keepStreamTime && observedMs >= 0) this.#visibleFromMs = this.#store.visibleFromMs(observedMs)
    this.#results = new WindowedResults(context, this.#spec, {
      values: 'timestamped',
      closeDelayMs: this.#windows.graceMs,
      closedRange: (forward) =>
        this.#windows.closedRange({
          between: (fromMs, toMs) => this.#store.fetchAll(fromMs, toMs),
          forward: ({ key, value }, headers) => forward(key, value.value, value.timestamp, headers),
        }),
    })
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    const closeMs = this.#results.advance(timestamp, headers)
    const windows = this.#windows
    let closedCount = 0
    const count = windows.find(timestamp)
    for (let index = 0; index < count; index++) {
      const startMs = windows.startMs(index)
      const endMs = windows.endMs(index)
      if (endMs > closeMs && startMs >= this.#visibleFromMs) {
        this.#update(key, value, timestamp, headers, startMs, endMs)
      } else {
        closedCount++
      }
    }
    if (closedCount > 0) {
      if (closedCount === count) this.#results.late.refused(count, key, value, timestamp, headers)
      else this.#results.late.missed(closedCount)
    }
    this.#results.emitClosed(closeMs, headers)
  }

  #update(key: unknown, value: unknown, timestamp: number, headers: Headers, startMs: number, endMs: number): void {
    this.enter(timestamp, headers)
    const row = this.#store.get(key, startMs)
    const oldAggregate = row === undefined ? this.#aggregation.initialize() : row.value
    const newTimestamp = row === undefined ? timestamp : Math.max(timestamp, row.timestamp)
    const newAggregate = this.#aggregation.add(key, value, oldAggregate)
    this.#store.put(key, newAggregate == null ? null : { value: newAggregate, timestamp: newTimestamp }, startMs)
    const { updates } = this.#results
    if (updates === undefined || updates.isCached) return
    const windowed = { key, window: { startMs, endMs } }
    updates.forward(windowed, newAggregate, oldAggregate, 'latest', newTimestamp, headers)
  }
}
