import type { Cancellable, PunctuationType } from '../../operators/operator.ts'
import { TimeHeap } from './time-heap.ts'

interface Schedule {
  readonly nodeName: string
  readonly intervalMs: number
  readonly callback: (timestampMs: number) => void
  dueMs: number
  cancelled: boolean
}

/** Runs one due callback; the task sets its context and handles errors there. What it throws leaves the punctuation due. */
export type PunctuationRunner = (nodeName: string, timestampMs: number, callback: (timestampMs: number) => void) => void

/** Missed times are skipped, the next one stays on the grid of the interval (Kafka Streams' PunctuationSchedule). */
function nextDueMs(schedule: Schedule, nowMs: number): number {
  const next = schedule.dueMs + schedule.intervalMs
  if (nowMs < next) return next
  const missed = Math.floor((nowMs - schedule.dueMs) / schedule.intervalMs)
  return schedule.dueMs + (missed + 1) * schedule.intervalMs
}

/** The punctuations of one task and one kind of time. */
class PunctuationQueue {
  readonly #heap = new TimeHeap<Schedule>((schedule) => schedule.dueMs)

  nextDueMs(): number {
    return this.#heap.peek()?.dueMs ?? Number.POSITIVE_INFINITY
  }

  add(schedule: Schedule): void {
    this.#heap.offer(schedule)
  }

  fireDue(nowMs: number, run: PunctuationRunner): boolean {
    let fired = false
    for (let top = this.#heap.peek(); top !== undefined && top.dueMs <= nowMs; top = this.#heap.peek()) {
      this.#heap.poll()
      if (top.cancelled) continue
      try {
        run(top.nodeName, nowMs, top.callback)
      } catch (error) {
        // It stays due.
        this.#heap.offer(top)
        throw error
      }
      fired = true
      // The callback may have cancelled its own schedule.
      if (top.cancelled) continue
      top.dueMs = nextDueMs(top, nowMs)
      this.#heap.offer(top)
    }
    return fired
  }
}

/**
 * Both kinds: stream time is aligned to 0 and fires with the first record, wall clock is aligned to its start; either is
 * aligned to its start time where it has one (KIP-1146).
 */
export class Punctuations {
  readonly #streamTime = new PunctuationQueue()
  readonly #wallClock = new PunctuationQueue()
  /** Lowest due stream time, kept as a field: it is compared once per record. */
  streamTimeDueMs = Number.POSITIVE_INFINITY

  /** `nowMs`: of the same kind of time; `startTimeMs`: the first time, or where past times of the grid began. */
  schedule(
    nodeName: string,
    intervalMs: number,
    type: PunctuationType,
    nowMs: number,
    callback: (timestampMs: number) => void,
    startTimeMs?: number,
  ): Cancellable {
    const dueMs = startTimeMs ?? (type === 'stream-time' ? 0 : nowMs + intervalMs)
    const schedule: Schedule = { nodeName, intervalMs, callback, dueMs, cancelled: false }
    if (startTimeMs !== undefined && startTimeMs < nowMs) schedule.dueMs = nextDueMs(schedule, nowMs)
    if (type === 'stream-time') {
      this.#streamTime.add(schedule)
      this.streamTimeDueMs = this.#streamTime.nextDueMs()
    } else {
      this.#wallClock.add(schedule)
    }
    return {
      cancel: () => {
        schedule.cancelled = true
      },
    }
  }

  fireStreamTime(streamTimeMs: number, run: PunctuationRunner): boolean {
    if (streamTimeMs < 0) return false
    try {
      return this.#streamTime.fireDue(streamTimeMs, run)
    } finally {
      this.streamTimeDueMs = this.#streamTime.nextDueMs()
    }
  }

  fireWallClock(nowMs: number, run: PunctuationRunner): boolean {
    return this.#wallClock.fireDue(nowMs, run)
  }

  /** When the wall clock is due next; infinity when nothing is scheduled. */
  wallClockDueMs(): number {
    return this.#wallClock.nextDueMs()
  }
}
