import { silenceOf } from '../../alerts/notices/silence.ts'
import { worstOf } from '../../alerts/notices/severity-order.ts'
import type { ShownAlert, ShownAlerts, ShownGroup } from './alerts-shape.ts'
import type { AlertTables } from './alert-tables.ts'
import type { KnownAlert, KnownGroup } from './known-group.ts'

/** What somebody may see of alerts. */
export interface AlertSight {
  /** Alerts about security, too. */
  readonly seesSecurity: boolean
  /** The log lines that show an alert. */
  readonly seesLogs: boolean
}

/** What of the tables somebody may see. */
export function alertSnapshot(
  tables: AlertTables,
  {
    sight,
    channels,
    nowMs,
  }: { readonly sight: AlertSight; readonly channels: Readonly<Record<string, string>>; readonly nowMs: number },
): Omit<ShownAlerts, 'mayAct' | 'requests'> {
  const groups = [...tables.groups.values()].flatMap(
    (group) => shownGroup(tables, group, { sight, channels, nowMs }) ?? [],
  )
  const silences = [...tables.silences.values()].map(({ silence }) => silence).filter(({ endMs }) => endMs > nowMs)
  return {
    isComplete: tables.isComplete,
    groups: groups.sort((left, right) => left.startMs - right.startMs),
    groupsLeftOut: tables.groupsLeftOut.size,
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
