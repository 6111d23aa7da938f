import type { Headers } from '../core/headers.ts'
import type { OperatorContext } from './operator.ts'

/**
 * The windows that have closed between two close times, as bounds of a scan of the store; both bounds are inclusive,
 * and in the time by which the store is scanned.
 */
export interface ClosedRange {
  /** `lastCloseMs` undefined: nothing was emitted yet. */
  lowerMs(lastCloseMs: number | undefined): number
  upperMs(closeMs: number): number
  /** False when no window closed within the range. */
  isWorthScanning(lowerMs: number, upperMs: number, isFirst: boolean): boolean
  /** Forwards the closed windows of the range. */
  emit(lowerMs: number, upperMs: number, headers: Headers): void
}

/**
 * Emission on window close: scans the store at most once per `windowEmitIntervalMs` of wall clock, and only if the
 * close time moved. The last close time survives restart and migration as state of the node, under the name of its
 * store.
 */
export class WindowCloseEmitter {
  readonly #context: OperatorContext
  readonly #stateKey: string
  readonly #range: ClosedRange
  #lastCloseMs: number | undefined
  #nextEmitMs = 0

  constructor(context: OperatorContext, stateKey: string, range: ClosedRange) {
    this.#context = context
    this.#stateKey = stateKey
    this.#range = range
    this.#lastCloseMs = context.commit.restoredState(stateKey)
  }

  /** Called after each record, and on idle input; emits if the interval is over. False: it did not look for any window. */
  maybeEmit(closeMs: number, headers: Headers): boolean {
    const nowMs = this.#context.time.clock.nowMs()
    if (nowMs < this.#nextEmitMs) return false
    this.#nextEmitMs = nowMs + this.#context.settings.windowEmitIntervalMs
    return this.#emit(closeMs, headers)
  }

  /**
   * Whether the store, once it hides all times before `visibleFromMs`, would hide windows that may not have been
   * emitted.
   */
  isAtRisk(visibleFromMs: number): boolean {
    return this.#range.lowerMs(this.#lastCloseMs) < visibleFromMs
  }

  /**
   * Emits closed windows, whatever the interval, and also those that the store is about to hide: they take no more
   * records either. In memory a session is hidden one millisecond before it is closed.
   */
  emitBeforeExpiry(closeMs: number, visibleFromMs: number, headers: Headers): void {
    this.#emit(closeMs + Math.max(0, visibleFromMs - 1 - this.#range.upperMs(closeMs)), headers)
  }

  #emit(closeMs: number, headers: Headers): boolean {
    if (this.#lastCloseMs !== undefined && this.#lastCloseMs >= closeMs) return false
    const upperMs = this.#range.upperMs(closeMs)
    if (upperMs < 0) return false
    const lowerMs = this.#range.lowerMs(this.#lastCloseMs)
    if (!this.#range.isWorthScanning(lowerMs, upperMs, this.#lastCloseMs === undefined)) return false
    this.#range.emit(lowerMs, upperMs, headers)
    this.#lastCloseMs = closeMs
    this.#context.commit.keepState(this.#stateKey, closeMs)
    return true
  }
}
