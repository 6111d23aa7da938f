import type { OperatorContext } from './operator.ts'
import type { ClockMover, RunningClock } from './task-clocks.ts'

/**
 * Moves the stream clocks of one task with the wall clock while its input is idle (`windowIdleMs`): looks once per
 * `windowIdleMs`, and where since the last look no record has moved any of the clocks and the input is caught up, adds
 * the time between the looks to all of them and then lets each operator emit what is due.
 *
 * All clocks move by the same amount at the same time, so that no operator runs ahead of the one that feeds it: what
 * suppress has released as final its aggregation no longer changes. One check counts for at most two intervals: a
 * process that was suspended does not know what it has missed.
 */
export class IdleTime implements ClockMover {
  readonly #intervalMs: number
  readonly #seenMs = new Map<RunningClock, number>()
  readonly #emitters: (() => void)[] = []
  #lookedAtMs: number

  constructor(context: OperatorContext) {
    this.#intervalMs = context.settings.windowIdleMs
    this.#lookedAtMs = context.time.clock.nowMs()
    context.schedule(this.#intervalMs, 'wall-clock-time', () => this.#look(context))
  }

  add(clock: RunningClock, emit: () => void): void {
    this.#seenMs.set(clock, clock.streamTimeMs)
    this.#emitters.push(emit)
  }

  #look(context: OperatorContext): void {
    const nowMs = context.time.clock.nowMs()
    const elapsedMs = Math.min(nowMs - this.#lookedAtMs, 2 * this.#intervalMs)
    this.#lookedAtMs = nowMs
    const isIdle = this.#isIdle(context)
    for (const clock of this.#seenMs.keys()) {
      if (isIdle && clock.streamTimeMs >= 0) clock.advance(clock.streamTimeMs + elapsedMs)
      this.#seenMs.set(clock, clock.streamTimeMs)
    }
    if (isIdle) for (const emit of this.#emitters) emit()
  }

  /**
   * Records that caches still hold may belong to a window that is about to close: they are forwarded first, and may end
   * the idle time.
   */
  #isIdle(context: OperatorContext): boolean {
    if (this.#hasMoved() || !context.time.isInputCaughtUp()) return false
    context.commit.emitPending()
    return !this.#hasMoved()
  }

  #hasMoved(): boolean {
    for (const [clock, seenMs] of this.#seenMs) if (clock.streamTimeMs !== seenMs) return true
    return false
  }
}

/**
 * Called at open by an operator that closes windows: `clock` moves on idle input, `emit` forwards what that makes due.
 * Nothing happens where `windowIdleMs` is 0.
 */
export function followIdleTime(context: OperatorContext, clock: RunningClock, emit: () => void = () => {}): void {
  if (context.settings.windowIdleMs === 0) return
  context.time.clocks.idleTime ??= new IdleTime(context)
  context.time.clocks.idleTime.add(clock, emit)
}
