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

/** Tumbling and hopping windows [start, end), aligned to the epoch or an offset from it; none starts before the epoch. */
class TimeWindows implements AlignedWindows {
  readonly advanceMs: number
  readonly graceMs: number
  readonly #sizeMs: number
  readonly #offsetMs: number

  constructor(spec: Extract<TimeWindowsSpec, { kind: 'time' }>) {
    this.#sizeMs = spec.sizeMs
    this.advanceMs = spec.advanceMs
    this.graceMs = spec.graceMs
    this.#offsetMs = spec.offsetMs ?? 0
  }

  firstStartMs(timestamp: number): number {
    const startMs = this.lastStartMs(Math.max(0, timestamp - this.#sizeMs + this.advanceMs))
    return startMs < 0 ? startMs + this.advanceMs : startMs
  }

  lastStartMs(timestamp: number): number {
    const sinceMs = (timestamp - this.#offsetMs) % this.advanceMs
    return timestamp - (sinceMs < 0 ? sinceMs + this.advanceMs : sinceMs)
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
