import type { RecordContext } from '../stores/task-stores.ts'
import type { OperatorContext } from './operator.ts'
import { StreamClock } from './stream-clock.ts'

/** Time as both sides of one stream-stream join see it: the highest timestamp that either has taken up. */
export class JoinClock extends StreamClock {
  /** Lowest timestamp of an unmatched row since the last scan, or where that one ended; Infinity when none is known. */
  earliestUnmatchedMs = Number.POSITIVE_INFINITY
  /** Where the interval of a join is its own: the time past which a row is to be told; unknown before the first scan. */
  dueMs = Number.NEGATIVE_INFINITY
  /** Wall clock before which no scan runs. */
  nextScanMs = 0
}

const clocksOfTask = new WeakMap<RecordContext, Map<string, JoinClock>>()

/** The clock of a join in a task; a task is known by its record context. */
export function joinClock(context: OperatorContext, name: string): JoinClock {
  const task = context.recordContext
  let clocks = clocksOfTask.get(task)
  if (clocks === undefined) {
    clocks = new Map()
    clocksOfTask.set(task, clocks)
  }
  let clock = clocks.get(name)
  if (clock === undefined) {
    clock = new JoinClock(context, name)
    clocks.set(name, clock)
  }
  return clock
}
