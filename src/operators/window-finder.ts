import type { Headers } from '../core/headers.ts'
import type { KeyValue, ValueAndTimestamp, Windowed } from '../stores/port.ts'
import type { ClosedRange } from './window-close-emitter.ts'

/** Which windows hold a time, and which have closed. */
export interface WindowFinder {
  readonly graceMs: number
  /**
   * How many windows contain the time. The next two members describe each window, by its index, until the next call.
   */
  find(timestamp: number): number
  startMs(index: number): number
  endMs(index: number): number
  /** undefined: the windows never close. */
  closedRange(results: ClosedResults): ClosedRange | undefined
}

/** Results of windows that begin within bounds, by start, and where those of closed windows go. */
export interface ClosedResults {
  between(fromMs: number, toMs: number): Iterable<ClosedResult>
  forward(result: ClosedResult, headers: Headers): void
}

export type ClosedResult = KeyValue<Windowed<unknown>, ValueAndTimestamp<unknown>>
