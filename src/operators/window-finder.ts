import type { Headers } from '../core/headers.ts'
import type { KeyValue, ValueAndTimestamp, Windowed } from '../stores/port.ts'
import type { ClosedRange } from './window-close-emitter.ts'

/**
 * Finds the windows that contain a time, and those that have closed. It keeps its answer in itself, so that a record
 * allocates no list.
 */
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

/** Reads results of windows by their start, bounds inclusive, and takes those of closed windows. */
export interface ClosedResults {
  between(fromMs: number, toMs: number): Iterable<ClosedResult>
  forward(result: ClosedResult, headers: Headers): void
}

export type ClosedResult = KeyValue<Windowed<unknown>, ValueAndTimestamp<unknown>>
