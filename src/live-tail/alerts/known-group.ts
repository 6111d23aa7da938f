import { createHash } from 'node:crypto'
import type { GroupState, TrackedAlert } from '../../alerts/notices/group-state.ts'
import type { Matcher } from '../../alerts/notices/matcher.ts'
import { rankOf } from '../../alerts/notices/severity-order.ts'

/** Alerts that are shown of one group. */
const alertsMax = 100

/** An alert that fires or flaps. */
export interface KnownAlert {
  /** Names it in requests, and says nothing about it. */
  readonly id: string
  readonly tracked: TrackedAlert
  readonly isSecurity: boolean
}

/** A receiver that knows of a group, or has known. */
interface KnownReceiver {
  readonly name: string
  /** Of this episode. */
  readonly notices: number
  /** When it last got news; null: never. */
  readonly newsMs: number | null
}

/** A group of alerts that fire, as the worker has stored it last. */
export interface KnownGroup {
  /** Names it in requests, and says nothing about it. */
  readonly id: string
  readonly route: string
  readonly episode: NonNullable<GroupState['episode']>
  readonly receivers: readonly KnownReceiver[]
  /** The first of them, the worst at the beginning. */
  readonly alerts: readonly KnownAlert[]
  /** Further ones, by whether they are about security. */
  readonly others: { readonly security: number; readonly usual: number }
}

/** Undefined: nothing fires. Throws where the value is no state of a group. */
export function knownGroup(
  { route, episode, receivers, alerts }: GroupState,
  isSecurity: Matcher,
): KnownGroup | undefined {
  if (episode === null) return undefined
  const all = Object.values(alerts)
    .filter(({ isActive, isFlapping }) => isActive || isFlapping)
    .sort((left, right) => order(left, right))
    .map(checked)
    .map((tracked) => ({ id: opaque(tracked.change.key), tracked, isSecurity: isSecurity(tracked.change) }))
  const rest = all.slice(alertsMax)
  const security = rest.filter((alert) => alert.isSecurity).length
  return {
    id: opaque(episode.dedupKey),
    route,
    episode,
    receivers: Object.entries(receivers).map(([name, { counts, newsMs }]) => ({
      name,
      notices: Object.values(counts).reduce((sum, count) => sum + count, 0),
      newsMs,
    })),
    alerts: all.slice(0, alertsMax),
    others: { security, usual: rest.length - security },
  }
}

/** Silences look at these later, where nobody would see which row is at fault. */
function checked(tracked: TrackedAlert): TrackedAlert {
  const { group, labels } = tracked.change
  for (const texts of [group, labels] as readonly unknown[])
    if (typeof texts !== 'object' || texts === null) throw new Error('an alert has no group or no labels')
  return tracked
}

function order(left: TrackedAlert, right: TrackedAlert): number {
  return rankOf(right.change.severity) - rankOf(left.change.severity) || left.change.startMs - right.change.startMs
}

/** Keys hold the values that alerts are grouped by, and not everybody may see these. */
function opaque(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 20)
}
