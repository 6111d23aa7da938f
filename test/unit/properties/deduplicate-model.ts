import type { Event, Model } from './history.ts'
import { line } from './topology-play.ts'

export interface DeduplicateConfig {
  readonly engine: 'memory' | 'disk'
  readonly ttlMs: number
}

/** The id of a value: its first letter; `-` stands for none. */
export function idOf(value: string | null): string | null {
  const id = value?.[0] ?? '-'
  return id === '-' ? null : id
}

/** All sights of all ids. Those that lie twice the time behind the newest are forgotten. */
export function deduplicateModel({ ttlMs }: DeduplicateConfig): Model {
  const sights: { id: string; timestamp: number }[] = []

  function take({ key, value, timestamp }: Event): readonly string[] {
    const id = idOf(value)
    if (id === null) return [line(key, value, timestamp)]
    const newestMs = Math.max(-1, ...sights.map((sight) => sight.timestamp))
    const isSeen = sights.some(
      (sight) =>
        sight.id === id && sight.timestamp > newestMs - 2 * ttlMs && Math.abs(sight.timestamp - timestamp) <= ttlMs,
    )
    sights.push({ id, timestamp })
    return isSeen ? [] : [line(key, value, timestamp)]
  }

  return { take }
}
