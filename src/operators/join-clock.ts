import type { RecordContext } from '../stores/task-stores.ts'

/** Time as both sides of one stream-stream join see it. */
export class JoinClock {
  /** Highest timestamp that either side has taken up. */
  streamTimeMs = -1
  /** Lowest timestamp of an unmatched row since the last scan, or where that one ended; Infinity when none is known. */
  earliestUnmatchedMs = Number.POSITIVE_INFINITY
  /** Wall clock before which no scan runs. */
  nextScanMs = 0

  advance(timestamp: number): void {
    if (timestamp > this.streamTimeMs) this.streamTimeMs = timestamp
  }
}

const clocksOfTask = new WeakMap<RecordContext, Map<string, JoinClock>>()

/** The clock of a join in a task; a task is known by its record context. */
export function joinClock(task: RecordContext, name: string): JoinClock {
  let clocks = clocksOfTask.get(task)
  if (clocks === undefined) {
    clocks = new Map()
    clocksOfTask.set(task, clocks)
  }
  let clock = clocks.get(name)
  if (clock === undefined) {
    clock = new JoinClock()
    clocks.set(name, clock)
  }
  return clock
}
