import type { Event, Model } from './history.ts'
import { line, trail, windowText } from './topology-play.ts'

export interface SessionConfig {
  readonly engine: 'memory' | 'disk'
  readonly gapMs: number
  readonly graceMs: number
  readonly emit: 'on-window-update' | 'on-window-close'
  readonly retentionMs: number
}

interface Session {
  readonly key: string
  readonly startMs: number
  readonly endMs: number
  readonly value: string
}

/** Sessions as a plain list: what a record touches is taken out, and one session put in its place. A restart forgets the time. */
export function sessionModel({ gapMs, graceMs, emit, retentionMs }: SessionConfig): Model {
  let sessions: Session[] = []
  let timeMs = -1
  let newestEndMs = -1
  /** Up to where sessions were emitted; known after a restart too. */
  let emittedMs = -1

  const result = ({ key, startMs, endMs }: Session, value: string | null) =>
    line(windowText(key, startMs, endMs), value, endMs)

  function closed(): string[] {
    const closedMs = timeMs - graceMs - gapMs
    const due = sessions
      .filter(({ endMs }) => endMs < closedMs && endMs >= emittedMs)
      .sort((one, other) => one.endMs - other.endMs || one.startMs - other.startMs || (one.key < other.key ? -1 : 1))
    emittedMs = Math.max(emittedMs, closedMs)
    return due.map((session) => result(session, session.value))
  }

  function update(key: string, value: string | null, timestamp: number): string[] {
    const touched = sessions
      .filter((session) => session.key === key && session.endMs > newestEndMs - retentionMs)
      .filter(({ startMs, endMs }) => startMs <= timestamp + gapMs && endMs >= timestamp - gapMs)
      .sort((one, other) => one.endMs - other.endMs)
    const startMs = Math.min(timestamp, ...touched.map((session) => session.startMs))
    const endMs = Math.max(timestamp, ...touched.map((session) => session.endMs))
    if (endMs < timeMs - graceMs - gapMs) return []
    const isMerge = startMs < endMs
    const before = touched.reduce((aggregate, session) => `${aggregate}&${session.value}`, '')
    const aggregate = trail(value, before)
    sessions = sessions.filter((session) => !touched.includes(session))
    newestEndMs = Math.max(newestEndMs, endMs)
    const merged = { key, startMs, endMs, value: aggregate ?? '' }
    if (aggregate !== null) sessions.push(merged)
    return [...(isMerge ? touched.map((session) => result(session, null)) : []), result(merged, aggregate)]
  }

  function take({ key, value, timestamp }: Event): readonly string[] {
    if (key === null) return []
    timeMs = Math.max(timeMs, timestamp)
    const updated = update(key, value, timestamp)
    return emit === 'on-window-close' ? closed() : updated
  }

  return { take, forgetTime: () => void (timeMs = -1) }
}
