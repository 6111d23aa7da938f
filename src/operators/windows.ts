import type { TimeWindowsSpec } from '../topology/operator-spec.ts'

/** Java's Long.MAX_VALUE, as near as a number comes: the end of an unlimited window. */
export const unlimitedEndMs = Number(9223372036854775807n)

/** Aligned windows as arithmetic: which windows hold a timestamp. */
export interface AlignedWindows {
  /** Start of the first window that holds the timestamp; above `lastStartMs` when none does. */
  firstStartMs(timestamp: number): number
  lastStartMs(timestamp: number): number
  endMs(startMs: number): number
  readonly advanceMs: number
  readonly graceMs: number
}

export function alignedWindows(spec: TimeWindowsSpec): AlignedWindows {
  return spec.kind === 'time' ? new TimeWindows(spec) : new UnlimitedWindows(spec.startMs)
}

/** Tumbling and hopping windows [start, end), aligned to the epoch; none starts before it. */
class TimeWindows implements AlignedWindows {
  readonly advanceMs: number
  readonly graceMs: number
  readonly #sizeMs: number

  constructor(spec: Extract<TimeWindowsSpec, { kind: 'time' }>) {
    this.#sizeMs = spec.sizeMs
    this.advanceMs = spec.advanceMs
    this.graceMs = spec.graceMs
  }

  firstStartMs(timestamp: number): number {
    const earliestMs = Math.max(0, timestamp - this.#sizeMs + this.advanceMs)
    return earliestMs - (earliestMs % this.advanceMs)
  }

  lastStartMs(timestamp: number): number {
    return timestamp - (timestamp % this.advanceMs)
  }

  endMs(startMs: number): number {
    return startMs + this.#sizeMs
  }
}

/** One window from a start on, without end. */
class UnlimitedWindows implements AlignedWindows {
  readonly advanceMs = unlimitedEndMs
  readonly graceMs = 0
  readonly #startMs: number

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  firstStartMs(): number {
    return this.#startMs
  }

  lastStartMs(timestamp: number): number {
    return timestamp >= this.#startMs ? this.#startMs : -1
  }

  endMs(): number {
    return unlimitedEndMs
  }
}
