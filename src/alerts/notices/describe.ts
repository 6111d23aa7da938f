import type { Notice } from '../notice.ts'
import type { GroupOutput, GroupState } from './group-state.ts'
import { type Suppression, suppressionOf, type Suppressors } from './group-view.ts'
import { NoticeGroups } from './notice-groups.ts'
import type { NoticePlan } from './notice-plan.ts'

/** What a receiver will be sent if nothing changes. */
export interface Upcoming {
  /** Why it will be sent. */
  readonly kind: Notice['kind']
  /** Epoch milliseconds. */
  readonly timeMs: number
  /** Whom it will be for. */
  readonly teams: readonly string[]
}

/** A group of alerts, for people who wonder what they were sent, and what they will be sent. */
export interface GroupDescription {
  /** Key of the group. */
  readonly key: string
  /** null: nothing fires. */
  readonly dedupKey: string | null
  /** Who takes care of it; null: nobody. */
  readonly acknowledgedBy: string | null
  /** Alerts that fire or flap, and why they are not sent; null: they are. */
  readonly alerts: readonly { readonly key: string; readonly suppression: Suppression | null }[]
  /** The next three notices of each receiver; fewer where no more will come. */
  readonly upcoming: Readonly<Record<string, readonly Upcoming[]>>
}

const upcomingMax = 3
/** A reminder each minute is quiet for a night 600 times. */
const stepsMax = 5000

/**
 * Describes a group as it is at this time. What will be sent is found by running a copy of the group ahead, so that it cannot differ
 * from what the group does, as long as no change, silence or acknowledgement comes in between.
 */
export function describeGroup(
  plan: NoticePlan,
  state: GroupState,
  nowMs: number,
  suppressors: Suppressors,
): GroupDescription {
  const { key, episode } = state
  const active = Object.values(state.alerts).filter(({ isActive, isFlapping }) => isActive || isFlapping)
  return {
    key,
    dedupKey: episode?.dedupKey ?? null,
    acknowledgedBy: episode?.acknowledgement?.author ?? null,
    alerts: active.map((alert) => ({
      key: alert.change.key,
      suppression: suppressionOf(plan, alert, nowMs, suppressors) ?? null,
    })),
    upcoming: upcomingOf(plan, state, nowMs, suppressors),
  }
}

function upcomingOf(
  plan: NoticePlan,
  state: GroupState,
  nowMs: number,
  suppressors: Suppressors,
): GroupDescription['upcoming'] {
  const copy = structuredClone(state)
  // Nothing begins or ends on the way but silences, whose ends are known.
  const groups = new NoticeGroups(plan, { recheckMs: Number.POSITIVE_INFINITY })
  const upcoming: Record<string, Upcoming[]> = {}
  let atMs = nowMs
  for (let step = 0; step < stepsMax; step++) {
    groups.advance(copy, atMs, suppressors)
    for (const output of groups.release(copy)) add(upcoming, output)
    const names = Object.keys(copy.receivers)
    if (copy.wakeMs === null || names.every((name) => upcoming[name]?.length === upcomingMax)) break
    atMs = Math.max(atMs + 1, copy.wakeMs)
  }
  return upcoming
}

function add(upcoming: Record<string, Upcoming[]>, { action, notice, untilMs }: GroupOutput): void {
  const { receiver, kind, teams, timeMs } = notice
  const list = (upcoming[receiver] ??= [])
  if (list.length === upcomingMax) return
  if (action === 'send') list.push({ kind, timeMs, teams })
  else if (action === 'hold' && untilMs !== null && !list.some((one) => one.timeMs === untilMs)) {
    list.push({ kind: 'digest', timeMs: untilMs, teams })
  }
}
