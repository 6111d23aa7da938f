import type { Clock } from '../../core/clock.ts'
import type { LogFields, Logger } from '../../core/logger.ts'
import type { TaskCounters } from '../counters.ts'

const quietMs = 10_000
const noFields = (): LogFields => ({})

/** What a log line says became of a record that is not processed further. */
type RecordFate = 'record dropped' | 'record became a dead letter'

export function fateOf(hasLetter: boolean): RecordFate {
  return hasLetter ? 'record became a dead letter' : 'record dropped'
}

/**
 * Counts every dropped record, and logs the first of each node, topic and reason, then one in ten seconds with the number
 * of those that were not logged.
 */
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

  /** `topic`: where the record was read. */
  drop(
    reason: string,
    nodeName: string,
    topic: string,
    fields: () => LogFields = noFields,
    fate: RecordFate = fateOf(false),
  ): void {
    this.#counters.dropped++
    this.#counters.drops.add(topic, reason)
    const key = `${nodeName} ${topic} ${reason}`
    const nowMs = this.#clock.monotonicMs()
    const known = this.#reasons.get(key)
    if (known !== undefined && nowMs - known.loggedAtMs < quietMs) {
      known.suppressed++
      return
    }
    this.#logger.warn({ reason, node: nodeName, suppressed: known?.suppressed ?? 0, topic, ...fields() }, fate)
    this.#reasons.set(key, { loggedAtMs: nowMs, suppressed: 0 })
  }
}
