import type { Headers } from '../core/headers.ts'
import type { TimestampedWindowStore } from '../stores/port.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'
import type { SpecOf } from './spec-of.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import { WindowedAggregateOperator } from './windowed-aggregate-operator.ts'
import type { WindowFinder } from './window-finder.ts'
import { windowFinder } from './windows.ts'

/**
 * One aggregate per key and window. A window is closed when its end is at or before stream time minus grace;
 * a late record is dropped, and counted, once per closed window. Null values reach the aggregator.
 */
export class WindowAggregateOperator extends WindowedAggregateOperator<TimestampedWindowStore<unknown, unknown>> {
  readonly #windows: WindowFinder
  readonly #aggregation: Aggregation

  constructor(spec: SpecOf<'window-aggregate'>) {
    super(spec, 'timestamped')
    this.#windows = windowFinder(spec.windows)
    this.#aggregation = compileAggregation(spec.aggregation)
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    if (key == null) {
      this.context.dropped('null key')
      return
    }
    this.advance(timestamp, headers)
    const windows = this.#windows
    const closeMs = this.closeMs()
    let closedCount = 0
    let isTaken = false
    const count = windows.find(timestamp)
    for (let index = 0; index < count; index++) {
      const startMs = windows.startMs(index)
      const endMs = windows.endMs(index)
      if (endMs > closeMs) {
        this.#update(key, value, timestamp, headers, startMs, endMs)
        isTaken = true
      } else {
        closedCount++
      }
    }
    if (closedCount > 0) this.late.refused(closedCount, isTaken, key, value, timestamp, headers)
    this.emitter?.maybeEmit(closeMs, headers)
  }

  /** Windows that end at or before this time are closed. */
  protected closeMs(): number {
    return this.clock.streamTimeMs - this.#windows.graceMs
  }

  #update(key: unknown, value: unknown, timestamp: number, headers: Headers, startMs: number, endMs: number): void {
    this.enter(timestamp, headers)
    const row = this.store.get(key, startMs)
    const oldAggregate = row === undefined ? this.#aggregation.initialize() : row.value
    const newTimestamp = row === undefined ? timestamp : Math.max(timestamp, row.timestamp)
    const newAggregate = this.#aggregation.add(key, value, oldAggregate)
    this.store.put(key, newAggregate == null ? null : { value: newAggregate, timestamp: newTimestamp }, startMs)
    if (this.emitter !== undefined) return
    const windowed = { key, window: { startMs, endMs } }
    this.forwarder.forward(windowed, newAggregate, oldAggregate, true, newTimestamp, headers)
  }

  protected closedRange(): ClosedRange | undefined {
    return this.#windows.closedRange({
      between: (fromMs, toMs) => this.store.fetchAll(fromMs, toMs),
      forward: ({ key, value }, headers) => this.forwardClosed(key, value.value, value.timestamp, headers),
    })
  }
}
