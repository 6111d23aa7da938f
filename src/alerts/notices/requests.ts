import type { AlertChange } from '../alert-change.ts'
import type { AlertRequest, AlertRequestKind } from './alert-request.ts'
import type { GroupEpisode, GroupState } from './group-state.ts'
import type { NoticePlan } from './notice-plan.ts'
import { createNotice } from './notice-text.ts'

/**
 * Notifies those whom the plan names, at any hour. False: nobody is named, the group is over, or it was asked for before.
 */
export function askFor(plan: NoticePlan, state: GroupState, { request, dedupKey, by, timeMs }: AlertRequest): boolean {
  const { episode } = state
  const names = plan.requests[request]
  if (episode === null || episode.dedupKey !== dedupKey || names.length === 0) return false
  if (episode.asked?.[request] !== undefined) return false
  const alerts = activeAlerts(state)
  if (alerts.length === 0) return false
  episode.asked = { ...episode.asked, [request]: { by, timeMs } }
  for (const receiver of names) {
    const parts = { kind: request, receiver, dedupKey, ordinal: 'asked', by, timeMs, teams: [] } as const
    const notice = createNotice({ ...parts, alerts, escalationStep: episode.escalationStep })
    state.outbox.push({ action: 'send', notice, untilMs: null })
    // A receiver of the group gets the end with the others.
    const known = Object.hasOwn(state.receivers, receiver) ? state.receivers[receiver] : undefined
    if (known !== undefined) known.isOpen = true
  }
  return true
}

/** The end, for those who were asked and are no receivers of the group. */
export function endAsked(
  plan: NoticePlan,
  state: GroupState,
  { dedupKey, asked, escalationStep }: GroupEpisode,
  timeMs: number,
): void {
  const kinds = Object.keys(asked ?? {}) as AlertRequestKind[]
  const names = new Set(kinds.flatMap((kind) => plan.requests[kind]))
  const alerts = Object.values(state.alerts).map(({ change }) => change)
  for (const receiver of names) {
    if (Object.hasOwn(state.receivers, receiver) || plan.receivers.get(receiver)?.switches.resolve !== true) continue
    const parts = { kind: 'resolve', receiver, dedupKey, ordinal: 'asked', timeMs, teams: [] } as const
    state.outbox.push({ action: 'send', notice: createNotice({ ...parts, alerts, escalationStep }), untilMs: null })
  }
}

function activeAlerts({ alerts }: GroupState): readonly AlertChange[] {
  return Object.values(alerts).flatMap(({ change, isActive, isFlapping }) => (isActive || isFlapping ? [change] : []))
}
