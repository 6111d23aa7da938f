import type { AlertChange } from '../alert-change.ts'
import type { Notice, NoticeKind } from '../notice.ts'
import { rankOf, worstOf } from './severity-order.ts'

/** Alerts that a notice carries; it counts all. */
const alertsMax = 20

/** What a notice is about. */
export interface NoticeParts {
  readonly kind: NoticeKind
  readonly receiver: string
  readonly dedupKey: string
  /** `asked`: the one that a person has asked for. */
  readonly ordinal: number | 'asked'
  /** The person who asked for it. Default: nobody has. */
  readonly by?: string
  readonly timeMs: number
  /** At least one. */
  readonly alerts: readonly AlertChange[]
  readonly escalationStep: number
  readonly teams: readonly string[]
}

/** The worst alerts come first. */
export function createNotice({ kind, receiver, dedupKey, ordinal, by, alerts, ...rest }: NoticeParts): Notice {
  const sorted = alerts.toSorted((left, right) => rankOf(right.severity) - rankOf(left.severity))
  return {
    id: `${dedupKey}/${receiver}/${kind}/${ordinal}`,
    kind,
    receiver,
    dedupKey,
    severity: worstOf(alerts.map(({ severity }) => severity)),
    ...rest,
    title: `${prefixOf(kind, by)}${titleOf(sorted)}`,
    alerts: sorted.slice(0, alertsMax),
    alertCount: alerts.length,
  }
}

const prefixes: Readonly<Record<NoticeKind, string>> = {
  fire: '',
  repeat: 'Still: ',
  escalate: 'Nobody has acknowledged: ',
  acknowledge: 'Acknowledged: ',
  resolve: 'Resolved: ',
  flapping: 'Comes and goes: ',
  digest: '',
  incident: 'Incident: ',
}

function prefixOf(kind: NoticeKind, by: string | undefined): string {
  if (by === undefined) return prefixes[kind]
  return kind === 'incident' ? `${by} asks for an incident: ` : `${by} escalates: `
}

function titleOf([first, ...others]: readonly AlertChange[]): string {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `${first?.summary ?? ''}${more}`
}
