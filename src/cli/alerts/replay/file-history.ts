import { systemClock } from '../../../core/clock.ts'
import type { Cli } from '../../cli.ts'
import { linesOf } from '../../file-lines.ts'
import type { HistoryLog } from './history-log.ts'
import type { LogReading } from './log-reading.ts'
import { aheadMaxMs, type HistoryRange } from './topic-history.ts'

/** What is not a log of a file's history, counted. */
export interface FileCounts {
  /** Logs before the first time of the file. */
  withoutTime: number
}

/**
 * The logs of a file: a line each, as it came, or as `millrace tap --json` prints it. A log without a time has that of the
 * one before. Rejects with ALERTS_UNREADABLE.
 */
export async function* fileHistory(
  cli: Cli,
  file: string,
  { fromMs, toMs }: HistoryRange,
  reading: LogReading,
  counts: FileCounts,
): AsyncGenerator<HistoryLog> {
  let reachedMs = Number.NEGATIVE_INFINITY
  let lastMs: number | undefined
  for await (const line of linesOf(cli, file, 'ALERTS_UNREADABLE')) {
    if (line === '') continue
    const { text, receivedMs } = recordOf(line)
    for (const event of reading.read(file, text, receivedMs ?? systemClock.nowMs(), file)) {
      const { timestamp } = event.fields
      // One clock that is years ahead would make all other logs late.
      const isUsable = typeof timestamp === 'number' && timestamp <= systemClock.nowMs() + aheadMaxMs
      const timeMs = isUsable ? timestamp : (receivedMs ?? lastMs)
      if (timeMs === undefined) {
        counts.withoutTime++
        continue
      }
      lastMs = timeMs
      if (timeMs < fromMs || timeMs >= toMs) continue
      reachedMs = Math.max(reachedMs, timeMs)
      yield { event, timeMs, reachedMs }
    }
  }
}

/** A record that a command has printed holds a log and Kafka's time. */
function recordOf(line: string): { readonly text: string; readonly receivedMs?: number } {
  if (!line.startsWith('{"topic":')) return { text: line }
  try {
    const { value, timestamp } = JSON.parse(line) as { readonly value?: unknown; readonly timestamp?: unknown }
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
    return typeof timestamp === 'number' && timestamp >= 0 ? { text, receivedMs: timestamp } : { text }
  } catch {
    return { text: line }
  }
}
