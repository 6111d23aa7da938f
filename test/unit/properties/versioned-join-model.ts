import type { Event, Model } from './history.ts'
import { joinText } from './stream-join-model.ts'
import { line } from './topology-play.ts'

export interface VersionedJoinConfig {
  readonly engine: 'memory' | 'disk'
  readonly join: 'inner' | 'left'
  /** undefined: records do not wait. */
  readonly graceMs: number | undefined
}

interface Version {
  readonly key: string
  readonly value: string | null
  readonly timestamp: number
}

/** A left stream joined with what a right table was at the record's time; with grace, records wait for the table. */
export function versionedJoinModel({ join, graceMs }: VersionedJoinConfig): Model {
  const versions: Version[] = []
  let waiting: Version[] = []
  let timeMs = -1

  function joined({ key, value, timestamp }: Version): string[] {
    const past = versions.filter((version) => version.key === key && version.timestamp <= timestamp)
    const latest = past.reduce<Version | undefined>(
      (best, version) => (best === undefined || version.timestamp >= best.timestamp ? version : best),
      undefined,
    )
    const right = latest?.value ?? null
    return right === null && join === 'inner' ? [] : [line(key, joinText(value, right), timestamp)]
  }

  function take({ topic, key, value, timestamp }: Event): readonly string[] {
    if (topic === 'right') {
      if (key !== null) versions.push({ key, value, timestamp })
      return []
    }
    if (key === null) return value !== null && join === 'left' ? [line(null, joinText(value, null), timestamp)] : []
    const record = { key, value, timestamp }
    if (value === null) return []
    if (graceMs === undefined || timestamp < timeMs - graceMs) return joined(record)
    timeMs = Math.max(timeMs, timestamp)
    waiting.push(record)
    waiting.sort(
      (one, other) => one.timestamp - other.timestamp || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0),
    )
    const due = waiting.filter((one) => one.timestamp <= timeMs - graceMs)
    waiting = waiting.filter((one) => !due.includes(one))
    return due.flatMap(joined)
  }

  return { take }
}
