import { type Clock, systemClock } from '../../src/core/clock.ts'

/** A clock by which `factor` times as much time passes: backoffs are all waited out, in less of a test's own time. */
export function hurriedClock(factor: number): Clock {
  return Object.freeze({
    nowMs: () => systemClock.nowMs() * factor,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    setTimer: (delayMs: number, callback: () => void) => systemClock.setTimer(delayMs / factor, callback),
    sleep: (delayMs: number) => systemClock.sleep(delayMs / factor),
  })
}
