import type { Event, Model } from './history.ts'
import { line } from './topology-play.ts'

export interface SuppressConfig {
  readonly engine: 'memory' | 'disk'
  readonly limitMs: number
  readonly recordsMax: number | undefined
}

interface Held {
  readonly key: string
  readonly sinceMs: number
  readonly value: string | null
  readonly timestamp: number
}

/** A list of what is held back, one entry a key; its place in it is that of the first change. */
export function suppressModel({ limitMs, recordsMax }: SuppressConfig): Model {
  let held: Held[] = []
  let timeMs = -1

  function take({ key, value, timestamp }: Event): readonly string[] {
    if (key === null) return []
    timeMs = Math.max(timeMs, timestamp)
    const before = held.find((entry) => entry.key === key)
    held = held.filter((entry) => entry !== before)
    held.push({ key, sinceMs: before?.sinceMs ?? timestamp, value, timestamp })
    held.sort((one, other) => one.sinceMs - other.sinceMs || (one.key < other.key ? -1 : 1))
    const due = held.filter(({ sinceMs }) => sinceMs <= timeMs - limitMs).length
    const overfull = recordsMax === undefined ? 0 : held.length - recordsMax
    return held.splice(0, Math.max(due, overfull)).map((entry) => line(entry.key, entry.value, entry.timestamp))
  }

  return { take, forgetTime: () => void (timeMs = -1) }
}
