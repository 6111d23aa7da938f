import type { AlertChange } from '../../alert-change.ts'
import type { Notice, NoticeKind } from '../../notice.ts'
import { stableKey } from '../stable-key.ts'
import { cut } from '../text/cut.ts'
import { groupText, headline, kindText, linksOf, timeText } from '../text/notice-text.ts'

/** Far below the 512 KB of an event. */
const alertsMax = 10
const linksMax = 10
const textsMax = 20
/** 1024 characters of a summary and 255 of a key are limits of PagerDuty. */
const lengths = { summary: 1024, key: 255, text: 255, example: 1000 } as const

type Action = 'trigger' | 'acknowledge' | 'resolve'

/**
 * PagerDuty knows three actions. Whatever says that the alert continues is a `trigger`: with the key of an open incident it
 * becomes an entry of its log and calls nobody again, and it opens the incident again if somebody closed it too early.
 */
const actions: Readonly<Record<NoticeKind, Action>> = {
  fire: 'trigger',
  repeat: 'trigger',
  escalate: 'trigger',
  flapping: 'trigger',
  digest: 'trigger',
  incident: 'trigger',
  acknowledge: 'acknowledge',
  resolve: 'resolve',
}

const severities = { low: 'info', medium: 'warning', high: 'error', critical: 'critical' } as const

/** A notice as an event of the Events API v2. */
export function pagerDutyEvent(notice: Notice, routingKey: string): unknown {
  const { kind, dedupKey } = notice
  const event = { routing_key: routingKey, event_action: actions[kind], dedup_key: stableKey(dedupKey, lengths.key) }
  if (actions[kind] !== 'trigger') return event
  const alerts = notice.alerts.slice(0, alertsMax)
  const [first] = alerts
  const links = alerts.flatMap(linksOf).slice(0, linksMax)
  return {
    ...event,
    payload: {
      summary: cut(headline(notice), lengths.summary),
      source: cut(first === undefined ? 'millrace' : groupText(first) || first.rule, lengths.text),
      severity: severities[notice.severity],
      timestamp: timeText(notice.timeMs),
      ...(first === undefined ? {} : { class: cut(first.rule, lengths.text) }),
      custom_details: detailsOf(notice, alerts),
    },
    links: links.map(([name, href]) => ({ href, text: cut(name, lengths.text) })),
    client: 'millrace',
  }
}

function detailsOf({ kind, id, alertCount, teams }: Notice, alerts: readonly AlertChange[]): unknown {
  return {
    reason: kindText(kind),
    notice: cut(id, lengths.text),
    alertCount,
    teams: teams.join(', '),
    alerts: alerts.map((alert) => ({
      rule: cut(alert.rule, lengths.text),
      group: bounded(alert.group),
      status: alert.status,
      severity: alert.severity,
      summary: cut(alert.summary, lengths.summary),
      value: alert.value,
      threshold: alert.threshold,
      baseline: alert.baseline,
      events: alert.eventCount,
      since: timeText(alert.startMs),
      examples: alert.examples.map((example) => cut(example, lengths.example)),
      labels: bounded(alert.labels),
    })),
  }
}

function bounded(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const shown = Object.entries(texts).slice(0, textsMax)
  return Object.fromEntries(shown.map(([name, text]) => [cut(name, lengths.text), cut(text, lengths.text)]))
}
