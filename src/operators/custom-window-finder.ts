import { CheckedWindows, type CustomWindow, type CustomWindows } from '../core/custom-windows.ts'
import type { Headers } from '../core/headers.ts'
import type { ClosedRange } from './window-close-emitter.ts'
import type { ClosedResults, WindowFinder } from './window-finder.ts'

/**
 * Finds windows that a user's function returns, of any length up to a bound. Windows that close between two scans may
 * begin anywhere within that length, so a scan also reads open windows; it runs only when the earliest end among them
 * is reached.
 */
export class CustomWindowFinder implements WindowFinder {
  readonly graceMs: number
  readonly #sizeMs: number
  readonly #checked: CheckedWindows
  #found: readonly CustomWindow[] = []
  #emittedToMs = Number.NEGATIVE_INFINITY
  /** Before the first look nobody knows what a store that was restored holds. */
  #nextEndMs = Number.NEGATIVE_INFINITY

  constructor(spec: CustomWindows) {
    this.graceMs = spec.graceMs
    this.#sizeMs = spec.sizeMs
    this.#checked = new CheckedWindows(spec)
  }

  find(timestamp: number): number {
    this.#found = this.#checked.windowsFor(timestamp)
    for (const { endMs } of this.#found) {
      if (endMs > this.#emittedToMs && endMs < this.#nextEndMs) this.#nextEndMs = endMs
    }
    return this.#found.length
  }

  startMs(index: number): number {
    return (this.#found[index] as CustomWindow).startMs
  }

  endMs(index: number): number {
    return (this.#found[index] as CustomWindow).endMs
  }

  closedRange(results: ClosedResults): ClosedRange {
    const sizeMs = this.#sizeMs
    return {
      lowerMs: (lastCloseMs) => (lastCloseMs ?? 0) - sizeMs + 1,
      upperMs: (closeMs) => closeMs - 1,
      isWorthScanning: (_lowerMs, upperMs) => this.#nextEndMs <= upperMs + 1,
      emit: (lowerMs, upperMs, headers) => this.#emit(results, lowerMs + sizeMs - 1, upperMs + 1, headers),
    }
  }

  /** Emits windows that ended after one close time and not after the other. */
  #emit(results: ClosedResults, lastCloseMs: number, closeMs: number, headers: Headers): void {
    let nextEndMs = Number.POSITIVE_INFINITY
    for (const result of results.between(lastCloseMs - this.#sizeMs + 1, Number.MAX_SAFE_INTEGER)) {
      const { endMs } = result.key.window
      if (endMs > closeMs) nextEndMs = Math.min(nextEndMs, endMs)
      else if (endMs > lastCloseMs) results.forward(result, headers)
    }
    this.#emittedToMs = closeMs
    this.#nextEndMs = nextEndMs
  }
}
