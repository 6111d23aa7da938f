import type { Event, Model } from './history.ts'
import { line, trail, windowText } from './topology-play.ts'

export interface WindowConfig {
  readonly engine: 'memory' | 'disk'
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
  readonly emit: 'on-window-update' | 'on-window-close'
}

interface Member {
  readonly value: string | null
  readonly timestamp: number
}

/**
 * Tumbling and hopping windows: each keeps the records that came while it was open, and its aggregate is made of them
 * anew each time. Nothing is ever too old for the store. A restart forgets the time.
 */
export function windowModel({ sizeMs, advanceMs, graceMs, emit }: WindowConfig): Model {
  const windows = new Map<string, { key: string; startMs: number; members: Member[] }>()
  let timeMs = -1
  /** Up to where windows were emitted; known after a restart too. */
  let emittedMs = -1

  function aggregateOf(members: readonly Member[]): { value: string | null; timestamp: number } {
    let value: string | null = null
    let timestamp = -1
    for (const member of members) {
      timestamp = value === null ? member.timestamp : Math.max(timestamp, member.timestamp)
      value = trail(member.value, value ?? '')
    }
    return { value, timestamp }
  }

  function result(key: string, startMs: number, members: readonly Member[]): string {
    const { value, timestamp } = aggregateOf(members)
    return line(windowText(key, startMs, startMs + sizeMs), value, timestamp)
  }

  function closed(): string[] {
    const closedMs = timeMs - graceMs
    const due = [...windows.values()]
      .filter(({ startMs }) => startMs + sizeMs <= closedMs && startMs + sizeMs > emittedMs)
      .filter(({ members }) => aggregateOf(members).value !== null)
      .sort((one, other) => one.startMs - other.startMs || (one.key < other.key ? -1 : 1))
    emittedMs = Math.max(emittedMs, closedMs)
    return due.map(({ key, startMs, members }) => result(key, startMs, members))
  }

  function take({ key, value, timestamp }: Event): readonly string[] {
    if (key === null) return []
    timeMs = Math.max(timeMs, timestamp)
    const updated: string[] = []
    for (let startMs = 0; startMs <= timestamp; startMs += advanceMs) {
      const endMs = startMs + sizeMs
      if (timestamp >= endMs || endMs <= timeMs - graceMs) continue
      const id = `${key} ${startMs}`
      const window = windows.get(id) ?? { key, startMs, members: [] }
      windows.set(id, window)
      window.members.push({ value, timestamp })
      updated.push(result(key, startMs, window.members))
    }
    return emit === 'on-window-close' ? closed() : updated
  }

  return { take, forgetTime: () => void (timeMs = -1) }
}
