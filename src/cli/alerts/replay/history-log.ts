import type { LogEvent } from '../../../pipelines/index.ts'

/** A log of history. */
export interface HistoryLog {
  readonly event: LogEvent
  /** Event time, epoch milliseconds. */
  readonly timeMs: number
  /** How far the history was read when it came: by Kafka's time, or for a file by the latest time of its logs. */
  readonly reachedMs: number
}
