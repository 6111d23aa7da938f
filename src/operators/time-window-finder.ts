import type { TimeWindowsSpec } from '../topology/operator-spec.ts'
import { CustomWindowFinder } from './custom-window-finder.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import type { ClosedResults, WindowFinder } from './window-finder.ts'

/** Java's Long.MAX_VALUE, as near as a number comes: the end of an unlimited window. */
export const unlimitedEndMs = Number(9223372036854775807n)

/** The finder for a kind of windows; called once per operator. */
export function windowFinder(spec: TimeWindowsSpec): WindowFinder {
  switch (spec.kind) {
    case 'time':
      return new AlignedWindows(spec)
    case 'unlimited':
      return new UnlimitedWindows(spec.startMs)
    case 'custom':
      return new CustomWindowFinder(spec)
  }
}

/** Tumbling and hopping windows [start, end), aligned to the epoch or an offset from it; none starts before the epoch. */
class AlignedWindows implements WindowFinder {
  readonly graceMs: number
  readonly #sizeMs: number
  readonly #advanceMs: number
  readonly #offsetMs: number
  #firstMs = 0

  constructor(spec: Extract<TimeWindowsSpec, { kind: 'time' }>) {
    this.#sizeMs = spec.sizeMs
    this.#advanceMs = spec.advanceMs
    this.graceMs = spec.graceMs
    this.#offsetMs = spec.offsetMs ?? 0
  }

  find(timestamp: number): number {
    this.#firstMs = this.#firstStartMs(timestamp)
    const lastMs = this.#lastStartMs(timestamp)
    return lastMs < this.#firstMs ? 0 : (lastMs - this.#firstMs) / this.#advanceMs + 1
  }

  startMs(index: number): number {
    return this.#firstMs + index * this.#advanceMs
  }

  endMs(index: number): number {
    return this.startMs(index) + this.#sizeMs
  }

  /** The scan is by window start; ends are exclusive. */
  closedRange(results: ClosedResults): ClosedRange {
    const sizeMs = this.#sizeMs
    return {
      lowerMs: (lastCloseMs) => (lastCloseMs === undefined ? 0 : Math.max(0, lastCloseMs - sizeMs) + 1),
      upperMs: (closeMs) => closeMs - sizeMs,
      isWorthScanning: (lowerMs, upperMs, isFirst) =>
        isFirst ||
        this.#firstStartMs(upperMs) !== this.#firstStartMs(lowerMs - 1) ||
        this.#lastStartMs(upperMs) !== this.#lastStartMs(lowerMs - 1),
      emit(lowerMs, upperMs, headers) {
        for (const result of results.between(lowerMs, upperMs)) results.forward(result, headers)
      },
    }
  }

  #firstStartMs(timestamp: number): number {
    const startMs = this.#lastStartMs(Math.max(0, timestamp - this.#sizeMs + this.#advanceMs))
    return startMs < 0 ? startMs + this.#advanceMs : startMs
  }

  #lastStartMs(timestamp: number): number {
    const sinceMs = (timestamp - this.#offsetMs) % this.#advanceMs
    return timestamp - (sinceMs < 0 ? sinceMs + this.#advanceMs : sinceMs)
  }
}

/** One window from a start on, without end. */
class UnlimitedWindows implements WindowFinder {
  readonly graceMs = 0
  readonly #startMs: number

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  find(timestamp: number): number {
    return timestamp >= this.#startMs ? 1 : 0
  }

  startMs(): number {
    return this.#startMs
  }

  endMs(): number {
    return unlimitedEndMs
  }

  closedRange(): undefined {
    return undefined
  }
}
