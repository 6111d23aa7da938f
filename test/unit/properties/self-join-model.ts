import type { Event, Model } from './history.ts'
import { joinText, type StreamJoinConfig } from './stream-join-model.ts'
import { line } from './topology-play.ts'

/**
 * A stream joined with itself over one store: a record meets the others as the left side, then as the right side; itself
 * it meets in its place among those, unless it is later than all that the window and its grace allow.
 */
export function selfJoinModel({ engine, beforeMs, afterMs, graceMs }: Omit<StreamJoinConfig, 'join'>): Model {
  const retentionMs = beforeMs + afterMs + graceMs
  const rows: { key: string; value: string; timestamp: number }[] = []
  let newestMs = -1
  let timeMs = -1

  function take({ key, value, timestamp }: Event): readonly string[] {
    if (key === null) return []
    const outputs: string[] = []
    if (value !== null) {
      timeMs = Math.max(timeMs, timestamp)
      const others = (fromMs: number, toMs: number) =>
        rows
          .filter((row) => row.key === key && row.timestamp > newestMs - retentionMs)
          .filter((row) => row.timestamp >= Math.max(0, fromMs) && row.timestamp <= toMs)
      const asRight = others(timestamp - afterMs, timestamp + beforeMs)
      if (timestamp > timeMs - retentionMs + 1) asRight.push({ key, value, timestamp })
      const byTime = (one: { timestamp: number }, other: { timestamp: number }) => one.timestamp - other.timestamp
      for (const left of others(timestamp - beforeMs, timestamp + afterMs).sort(byTime)) {
        outputs.push(line(key, joinText(value, left.value), Math.max(timestamp, left.timestamp)))
      }
      for (const row of asRight.sort(byTime)) {
        outputs.push(line(key, joinText(row.value, value), Math.max(timestamp, row.timestamp)))
      }
      rows.push({ key, value, timestamp })
    }
    // Only the store in memory takes the time of a null value.
    if (value !== null || engine === 'memory') newestMs = Math.max(newestMs, timestamp)
    return outputs
  }

  return { take }
}
