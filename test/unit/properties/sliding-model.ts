import type { Event, Model } from './history.ts'
import { line, windowText } from './topology-play.ts'

export interface SlidingConfig {
  readonly engine: 'memory' | 'disk'
  readonly timeDifferenceMs: number
  readonly graceMs: number
  readonly emit: 'on-window-update' | 'on-window-close'
}

/** What a window holds, in an order that does not tell how it got there. */
export function gather(value: string | null, aggregate: string): string {
  return [...aggregate.split('.'), `${value}`]
    .filter((part) => part !== '')
    .sort()
    .join('.')
}

/**
 * Sliding windows as the records that lie in them: which windows there are is what the records opened, what they hold is
 * looked up anew. No record may be later than the grace.
 */
export function slidingModel({ timeDifferenceMs, graceMs, emit }: SlidingConfig): Model {
  const records: { key: string; value: string; timestamp: number }[] = []
  const opened = new Map<string, Set<number>>()
  let timeMs = -1
  let emittedMs = -1

  function result(key: string, startMs: number): string | undefined {
    const endMs = startMs + timeDifferenceMs
    const held = records.filter((one) => one.key === key && one.timestamp >= startMs && one.timestamp <= endMs)
    if (held.length === 0) return undefined
    const value = held.reduce((aggregate, one) => gather(one.value, aggregate), '')
    return line(windowText(key, startMs, endMs), value, Math.max(...held.map(({ timestamp }) => timestamp)))
  }

  function update(key: string, timestamp: number): string[] {
    const starts = opened.get(key) ?? new Set()
    opened.set(key, starts)
    const existing = [...starts].filter((startMs) => startMs <= timestamp && startMs + timeDifferenceMs >= timestamp)
    const leftMs = Math.max(0, timestamp - timeDifferenceMs)
    const before = records.filter((one) => one.key === key && one.timestamp < timestamp).map((one) => one.timestamp)
    const rightOfPreviousMs = Math.max(...before) + 1
    const candidates = [leftMs, timestamp + 1]
    if (before.length > 0 && rightOfPreviousMs + timeDifferenceMs >= timestamp) candidates.unshift(rightOfPreviousMs)
    const made = candidates.filter((startMs) => !starts.has(startMs) && result(key, startMs) !== undefined)
    for (const startMs of made) starts.add(startMs)
    const touched = [...existing.sort((one, other) => other - one), ...made]
    return touched.map((startMs) => result(key, startMs) as string)
  }

  function closed(): string[] {
    const closedMs = timeMs - graceMs
    const due = [...opened]
      .flatMap(([key, starts]) => [...starts].map((startMs) => ({ key, startMs, endMs: startMs + timeDifferenceMs })))
      .filter(({ endMs }) => endMs < closedMs && endMs >= emittedMs)
      .sort((one, other) => one.startMs - other.startMs || (one.key < other.key ? -1 : 1))
    emittedMs = Math.max(emittedMs, closedMs)
    return due.map(({ key, startMs }) => result(key, startMs) as string)
  }

  function take({ key, value, timestamp }: Event): readonly string[] {
    if (key === null || value === null) return []
    timeMs = Math.max(timeMs, timestamp)
    records.push({ key, value, timestamp })
    const updated = update(key, timestamp)
    return emit === 'on-window-close' ? closed() : updated
  }

  return { take, forgetTime: () => void (timeMs = -1) }
}
