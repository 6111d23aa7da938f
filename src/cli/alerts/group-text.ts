import type { AlertChange, GroupDescription, GroupState, Suppression, Upcoming } from '../../alerts/index.ts'
import { timeText } from '../time-text.ts'

/** A description; null: what is sent next is not known. */
export type ShownGroup = Omit<GroupDescription, 'upcoming'> & { readonly upcoming: GroupDescription['upcoming'] | null }

/** A group as a person reads it. */
export function groupText(state: GroupState, description: ShownGroup): string {
  const { key, dedupKey, acknowledgedBy, alerts, upcoming } = description
  const lines = alerts.map(({ key: alert, suppression }) => alertLine(state.alerts[alert]?.change, alert, suppression))
  return [
    key,
    `  key of its notices: ${dedupKey ?? 'none, nothing fires'}`,
    `  acknowledged by: ${acknowledgedBy ?? 'nobody'}`,
    ...lines.map((line) => `  ${line}`),
    ...nextLines(upcoming).map((line) => `  ${line}`),
  ].join('\n')
}

function nextLines(upcoming: ShownGroup['upcoming']): readonly string[] {
  if (upcoming === null) return ['next: not known']
  const receivers = Object.entries(upcoming)
  if (receivers.length === 0) return ['next: nothing']
  return receivers.map(([receiver, all]) => `next for ${receiver}: ${upcomingText(all)}`)
}

function alertLine(change: AlertChange | undefined, key: string, suppression: Suppression | null): string {
  const since = change === undefined ? '' : ` since ${timeText(change.startMs)}, ${change.severity}: ${change.summary}`
  return `${change?.status ?? 'over'} ${key}${since}${suppression === null ? '' : ` (${suppressionText(suppression)})`}`
}

/** `silenced by 3f2a until 2026-…`. */
function suppressionText({ reason, by, untilMs }: Suppression): string {
  const parts = [reason, by === null ? '' : `by ${by}`, untilMs === null ? '' : `until ${timeText(untilMs)}`]
  return parts.filter((part) => part !== '').join(' ')
}

function upcomingText(notices: readonly Upcoming[]): string {
  if (notices.length === 0) return 'nothing'
  return notices.map(({ kind, timeMs, teams }) => `${kind} ${timeText(timeMs)} for ${teams.join(', ')}`).join('; ')
}
