import type { Clock } from '../../core/clock.ts'
import type { LogFields, Logger } from '../../core/logger.ts'
import type { TaskCounters } from '../counters.ts'

const quietMs = 10_000

/** Counts every dropped record, and logs the first of each reason and one in ten seconds with what was left out. */
export class DropLog {
  readonly #counters: TaskCounters
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #reasons = new Map<string, { loggedAtMs: number; suppressed: number }>()

  constructor(counters: TaskCounters, clock: Clock, logger: Logger) {
    this.#counters = counters
    this.#clock = clock
    this.#logger = logger
  }

  drop(reason: string, nodeName: string, fields: () => LogFields): void {
    this.#counters.dropped++
    this.#counters.droppedByReason.set(reason, (this.#counters.droppedByReason.get(reason) ?? 0) + 1)
    const key = `${nodeName} ${reason}`
    const nowMs = this.#clock.monotonicMs()
    const known = this.#reasons.get(key)
    if (known !== undefined && nowMs - known.loggedAtMs < quietMs) {
      known.suppressed++
      return
    }
    this.#logger.warn({ reason, node: nodeName, suppressed: known?.suppressed ?? 0, ...fields() }, 'record dropped')
    this.#reasons.set(key, { loggedAtMs: nowMs, suppressed: 0 })
  }
}
