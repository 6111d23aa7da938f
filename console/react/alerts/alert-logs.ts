import type { LogView } from '../view/log-view.ts'
import type { Alert } from './alert-snapshot.ts'

const aroundMs = 60_000
const listOf: Readonly<Record<string, 'services' | 'components' | 'correlationIds' | 'sessions' | 'users'>> = {
  service: 'services',
  component: 'components',
  correlationId: 'correlationIds',
  sessionId: 'sessions',
  userId: 'users',
}

/**
 * The logs around the beginning of an alert, of what it is grouped by. Values that are masked, and fields that the live
 * tail has no list for, are left out: more lines are shown then, not fewer.
 */
export function logsOf({ group, startMs, timeMs }: Alert): LogView {
  const lists = Object.entries(group).flatMap(([field, value]) => {
    const list = Object.hasOwn(listOf, field) ? listOf[field] : undefined
    return list === undefined || value.includes(',') || value.startsWith('[redacted') ? [] : [[list, [value]] as const]
  })
  const [since, until] = [Math.min(startMs, timeMs) - aroundMs, Math.max(startMs, timeMs) + aroundMs]
  const times = { since: new Date(since).toISOString(), until: new Date(until).toISOString() }
  return { filters: { ...Object.fromEntries(lists), ...times, from: times.since } }
}
