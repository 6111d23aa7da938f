import type { EmitDue } from './idle-clocks.ts'
import type { OperatorContext } from './operator.ts'
import type { RunningClock } from './running-clock.ts'

/**
 * Moves the stream clocks of one task with the wall clock while its input is idle (`windowIdleMs`): looks once per
 * `windowIdleMs`, and where since the last look no record has moved any of the clocks and the input is caught up, adds
 * the time between the looks to all of them and then lets each operator emit what is due.
 *
 * One check counts for at most two intervals: a process that was suspended does not know what it has missed.
 */
class IdleTime {
  readonly #context: OperatorContext
  readonly #intervalMs: number
  #lookedAtMs: number

  constructor(context: OperatorContext) {
    this.#context = context
    this.#intervalMs = context.settings.windowIdleMs
    this.#lookedAtMs = context.time.clock.nowMs()
    context.schedule(this.#intervalMs, 'wall-clock-time', () => this.#look())
  }

  #look(): void {
    const { time } = this.#context
    const { idle } = time.clocks
    const nowMs = time.clock.nowMs()
    const elapsedMs = Math.min(nowMs - this.#lookedAtMs, 2 * this.#intervalMs)
    this.#lookedAtMs = nowMs
    const isIdle = this.#isIdle()
    const isAdvanced = isIdle && idle.advance(elapsedMs)
    idle.look()
    if (!isIdle) return
    const isEmitted = idle.emitDue()
    if (isAdvanced) time.noteIdle(elapsedMs, isEmitted)
  }

  /**
   * Records that caches still hold may belong to a window that is about to close: they are forwarded first, and may end
   * the idle time.
   */
  #isIdle(): boolean {
    const { time, commit } = this.#context
    if (time.clocks.idle.haveMoved || !time.isInputCaughtUp()) return false
    commit.emitPending()
    return !time.clocks.idle.haveMoved
  }
}

/**
 * Called at open by an operator that closes windows: `clock` moves on idle input, and `emit` forwards what that makes
 * due. Nothing moves it where `windowIdleMs` is 0, except a replay that knows when it has moved.
 */
export function followIdleTime(context: OperatorContext, clock: RunningClock, emit: EmitDue = () => false): void {
  const { clocks } = context.time
  clocks.idle.add(clock, emit)
  if (context.settings.windowIdleMs > 0) clocks.mover ??= new IdleTime(context)
}
