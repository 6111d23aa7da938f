import type { AlertChange } from '../../alert-change.ts'
import type { Notice, NoticeKind } from '../../notice.ts'

const kindTexts: Readonly<Record<NoticeKind, string>> = {
  fire: 'Firing',
  repeat: 'Still firing',
  escalate: 'Escalated',
  acknowledge: 'Acknowledged',
  resolve: 'Resolved',
  flapping: 'Flapping',
  digest: 'Digest',
  incident: 'Incident asked for',
}

/** Why somebody gets a notice, such as `Still firing`. */
export function kindText(kind: NoticeKind): string {
  return kindTexts[kind]
}

/** The first line of a message. The title says itself what happened. */
export function headline({ severity, title }: Notice): string {
  return `[${severity}] ${oneLine(title)}`
}

/** A name and a text, such as `threshold` and `0.2`. */
export type Fact = readonly [name: string, text: string]

/** What is known of an alert besides its summary, without its examples and links. */
export function factsOf(alert: AlertChange): readonly Fact[] {
  const { rule, status, severity, value, threshold, baseline, eventCount, startMs, timeMs } = alert
  const facts: Fact[] = [
    ['rule', rule],
    ['status', status],
    ['severity', severity],
    ...groupFacts(alert),
    ['value', numberText(value)],
    ['threshold', numberText(threshold)],
  ]
  if (baseline !== null) facts.push(['usually', numberText(baseline)])
  facts.push(['events', String(eventCount)], ['since', timeText(startMs)])
  if (status === 'resolved') facts.push(['until', timeText(timeMs)])
  return facts
}

/** The fields that the rule groups by. */
export function groupFacts({ group }: AlertChange): readonly Fact[] {
  return Object.entries(group)
}

/** The group as one text, such as `service=payments`. */
export function groupText(alert: AlertChange): string {
  return groupFacts(alert)
    .map(([name, text]) => `${name}=${text}`)
    .join(', ')
}

/** The links of an alert that a person can follow from a message. */
export function linksOf({ links }: AlertChange): readonly Fact[] {
  return Object.entries(links).filter(([, address]) => isWebAddress(address))
}

/** The sentence about the alerts that a message has no room for; empty if there are none. */
export function othersText({ alertCount }: Notice, shown: number): string {
  const others = alertCount - shown
  return others > 0 ? `and ${others} more ${others === 1 ? 'alert' : 'alerts'}` : ''
}

/** The teams of this step of the escalation; empty if there are none. */
export function teamsText({ teams, escalationStep }: Notice): string {
  if (teams.length === 0) return ''
  return `for ${teams.join(', ')}${escalationStep > 0 ? ` (step ${escalationStep + 1} of the escalation)` : ''}`
}

/** A number as people read it: at most four digits that mean something. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}

/** In UTC, to the second. */
export function timeText(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? `${new Date(timeMs).toISOString().slice(0, 19)}Z` : String(timeMs)
}

export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

const addressLengthMax = 2000

function isWebAddress(text: string): boolean {
  return text.length <= addressLengthMax && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
