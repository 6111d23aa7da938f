import type { Headers } from '../core/headers.ts'
import type { TimestampedWindowStore } from '../stores/port.ts'
import { type Aggregation, compileAggregation } from './aggregation.ts'
import type { SpecOf } from './spec-of.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import { WindowedAggregateOperator } from './windowed-aggregate-operator.ts'
import { type AlignedWindows, alignedWindows } from './windows.ts'

/**
 * One aggregate per key and aligned window. A window is closed when its end is at or before stream time minus grace;
 * a late record is dropped, and counted, once per closed window. Null values reach the aggregator.
 */
export class WindowAggregateOperator extends WindowedAggregateOperator<TimestampedWindowStore<unknown, unknown>> {
  readonly #spec: SpecOf<'window-aggregate'>
  readonly #windows: AlignedWindows
  readonly #aggregation: Aggregation

  constructor(spec: SpecOf<'window-aggregate'>) {
    super(spec, 'timestamped')
    this.#spec = spec
    this.#windows = alignedWindows(spec.windows)
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
    const lastStartMs = windows.lastStartMs(timestamp)
    for (let startMs = windows.firstStartMs(timestamp); startMs <= lastStartMs; startMs += windows.advanceMs) {
      const endMs = windows.endMs(startMs)
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

  /** The scan is by window start; ends are exclusive. */
  protected closedRange(): ClosedRange | undefined {
    if (this.#spec.windows.kind !== 'time') return undefined
    const { sizeMs } = this.#spec.windows
    const windows = this.#windows
    return {
      lowerMs: (lastCloseMs) => (lastCloseMs === undefined ? 0 : Math.max(0, lastCloseMs - sizeMs) + 1),
      upperMs: (closeMs) => closeMs - sizeMs,
      isWorthScanning: (lowerMs, upperMs, isFirst) =>
        isFirst ||
        windows.firstStartMs(upperMs) !== windows.firstStartMs(lowerMs - 1) ||
        windows.lastStartMs(upperMs) !== windows.lastStartMs(lowerMs - 1),
      emit: (lowerMs, upperMs, headers) => {
        for (const { key, value } of this.store.fetchAll(lowerMs, upperMs)) {
          this.forwardClosed(key, value.value, value.timestamp, headers)
        }
      },
    }
  }
}
