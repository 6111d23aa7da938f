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

/**
 * A left stream joined with what a right table was at the record's time; with grace, records wait for the table.
 * As in Java, a deletion at the very time of the latest version leaves a trace only where the history of replaced
 * versions and of deletions reaches up to it: else it is as if that version had never been.
 */
export function versionedJoinModel({ join, graceMs }: VersionedJoinConfig): Model {
  let versions: Version[] = []
  /** By key, up to when what was replaced or deleted is known. */
  const historyMs = new Map<string, number>()
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

  function latestOf(key: string): Version | undefined {
    return versions.reduce<Version | undefined>((latest, version) => {
      if (version.key !== key || (latest !== undefined && version.timestamp < latest.timestamp)) return latest
      return version
    }, undefined)
  }

  function put(version: Version): void {
    const { key, value, timestamp } = version
    const latest = latestOf(key)
    const knownMs = historyMs.get(key) ?? -1
    const isLatest = latest !== undefined && latest.value !== null && latest.timestamp === timestamp
    if (value === null && isLatest && knownMs < timestamp) {
      versions = versions.filter((other) => other.key !== key || other.timestamp !== timestamp)
      return
    }
    versions.push(version)
    const replaces = latest !== undefined && latest.value !== null && !isLatest
    if (value === null || replaces) historyMs.set(key, Math.max(knownMs, timestamp, latest?.timestamp ?? -1))
  }

  function take({ topic, key, value, timestamp }: Event): readonly string[] {
    if (topic === 'right') {
      if (key !== null) put({ key, value, timestamp })
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
