import type { AlertStatus } from '../../alerts/alert-change.ts'
import { type Silence, silenceOf } from '../../alerts/notices/silence.ts'
import { worstOf } from '../../alerts/notices/severity-order.ts'
import type { Severity } from '../../alerts/severity.ts'
import type { AlertTables } from './alert-tables.ts'
import type { KnownAlert, KnownGroup } from './known-group.ts'

/** What somebody may see of alerts. */
export interface AlertSight {
  /** Alerts about security, too. */
  readonly seesSecurity: boolean
  /** The log lines that show an alert. */
  readonly seesLogs: boolean
}

/** An alert that fires or flaps. */
export interface ShownAlert {
  readonly id: string
  readonly rule: string
  readonly status: AlertStatus
  readonly severity: Severity
  readonly group: Readonly<Record<string, string>>
  readonly summary: string
  readonly value: number
  readonly threshold: number
  readonly baseline: number | null
  readonly startMs: number
  readonly timeMs: number
  readonly eventCount: number
  readonly links: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Log lines; empty for those who may not see them. */
  readonly examples: readonly string[]
  readonly isFlapping: boolean
  /** The silence that holds it, which is in `silences`; null: none does. */
  readonly silence: string | null
}

/** A receiver that knows of a group, or has known. */
export interface ShownReceiver {
  readonly name: string
  /** `slack`, `email` and the like; null: not known here. */
  readonly channel: string | null
  /** Notices of this episode, those that its switches or its quiet hours kept back included. */
  readonly notices: number
  /** When it last got news; null: never. */
  readonly newsMs: number | null
}

/** Alerts with common notices. */
export interface ShownGroup {
  readonly id: string
  readonly route: string
  /** The worst of its alerts. */
  readonly severity: Severity
  /** The earliest beginning of its alerts. */
  readonly startMs: number
  readonly acknowledgement: { readonly author: string; readonly timeMs: number } | null
  readonly escalationStep: number
  /** What people have asked for: `escalate`, `incident`. */
  readonly asked: Readonly<Record<string, { readonly by: string; readonly timeMs: number }>>
  readonly receivers: readonly ShownReceiver[]
  readonly alerts: readonly ShownAlert[]
  /** All of them, those that are not listed included. */
  readonly alertCount: number
}

/** What fires now. */
export interface AlertSnapshot {
  /** False: not all of the state was read yet, or no worker has written it. */
  readonly isComplete: boolean
  readonly groups: readonly ShownGroup[]
  /** Groups that fire and for which there was no room. */
  readonly groupsLeftOut: number
  readonly silences: readonly Silence[]
}

/** What of the tables somebody may see. */
export function alertSnapshot(
  tables: AlertTables,
  {
    sight,
    channels,
    nowMs,
  }: { readonly sight: AlertSight; readonly channels: Readonly<Record<string, string>>; readonly nowMs: number },
): AlertSnapshot {
  const groups = [...tables.groups.values()].flatMap(
    (group) => shownGroup(tables, group, { sight, channels, nowMs }) ?? [],
  )
  const silences = [...tables.silences.values()].map(({ silence }) => silence).filter(({ endMs }) => endMs > nowMs)
  return {
    isComplete: tables.isComplete,
    groups: groups.sort((left, right) => left.startMs - right.startMs),
    groupsLeftOut: tables.left.groups,
    // What they match may name what nobody else may see.
    silences: sight.seesSecurity ? silences.sort((left, right) => left.endMs - right.endMs) : [],
  }
}

function shownGroup(
  tables: AlertTables,
  { id, route, episode, receivers, alerts, others }: KnownGroup,
  { sight, channels, nowMs }: Parameters<typeof alertSnapshot>[1],
): ShownGroup | undefined {
  const visible = alerts.filter(({ isSecurity }) => sight.seesSecurity || !isSecurity)
  if (visible.length === 0) return undefined
  const { acknowledgement, escalationStep, asked } = episode
  return {
    id,
    route,
    severity: worstOf(visible.map(({ tracked }) => tracked.change.severity)),
    startMs: Math.min(...visible.map(({ tracked }) => tracked.change.startMs)),
    acknowledgement: acknowledgement && { ...acknowledgement },
    escalationStep,
    asked: { ...asked },
    receivers: receivers.map(({ name, notices, newsMs }) => ({
      name,
      channel: Object.hasOwn(channels, name) ? (channels[name] ?? null) : null,
      notices,
      newsMs,
    })),
    alerts: visible.map((alert) => shownAlert(tables, alert, sight, nowMs)),
    alertCount: visible.length + others.usual + (sight.seesSecurity ? others.security : 0),
  }
}

function shownAlert(
  tables: AlertTables,
  { id, tracked: { change, isFlapping } }: KnownAlert,
  { seesLogs }: AlertSight,
  nowMs: number,
): ShownAlert {
  const { rule, status, severity, group, summary, value, threshold, baseline } = change
  const { startMs, timeMs, eventCount, links, labels, examples } = change
  const silence = silenceOf(tables.silences.values(), change, nowMs)?.id ?? null
  const about = { id, rule, status, severity, group, summary, value, threshold, baseline }
  const more = { startMs, timeMs, eventCount, links, labels, examples: seesLogs ? examples : [] }
  return { ...about, ...more, isFlapping, silence }
}
