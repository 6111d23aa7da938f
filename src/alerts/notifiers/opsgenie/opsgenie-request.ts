import type { AlertChange } from '../../alert-change.ts'
import type { Notice, NoticeKind } from '../../notice.ts'
import { stableKey } from '../stable-key.ts'
import { cut } from '../text/cut.ts'
import { factsOf, groupText, headline, linksOf, othersText, teamsText } from '../text/notice-text.ts'

const alertsMax = 10
/** Limits of Opsgenie; the details of an alert may have 8000 characters together. */
const lengths = {
  message: 130,
  alias: 512,
  entity: 512,
  description: 15_000,
  note: 25_000,
  tag: 50,
  detail: 400,
} as const
const tagsMax = 20
const detailsMax = 10

const priorities = { low: 'P4', medium: 'P3', high: 'P2', critical: 'P1' } as const

/** What is done to an alert that is there. */
const actions: Readonly<Partial<Record<NoticeKind, string>>> = { acknowledge: 'acknowledge', resolve: 'close' }

/** Where a request of the Alert API goes, and its body. */
export interface OpsgenieRequest {
  readonly path: string
  readonly body: unknown
}

/**
 * A notice as a request. A resolve closes the alert, an acknowledgement acknowledges it; anything else creates it. With the alias of an open alert a creation
 * counts once more there and calls nobody again; if somebody closed the alert too early, it is opened again. The note says
 * which notice it was.
 */
export function opsgenieRequest(notice: Notice): OpsgenieRequest {
  const alias = stableKey(notice.dedupKey, lengths.alias)
  const note = cut(headline(notice), lengths.note)
  const action = actions[notice.kind]
  if (action !== undefined) {
    return {
      path: `/v2/alerts/${encodeURIComponent(alias)}/${action}?identifierType=alias`,
      body: { source: 'millrace', note },
    }
  }
  const [first] = notice.alerts
  const body = {
    message: cut(headline(notice), lengths.message),
    alias,
    description: descriptionOf(notice),
    priority: priorities[notice.severity],
    source: 'millrace',
    ...(first === undefined ? {} : { entity: cut(groupText(first) || first.rule, lengths.entity) }),
    tags: tagsOf(notice),
    details: first === undefined ? {} : detailsOf(first),
    note,
  }
  return { path: '/v2/alerts', body }
}

function descriptionOf(notice: Notice): string {
  const shown = notice.alerts.slice(0, alertsMax)
  const closing = [othersText(notice, shown.length), teamsText(notice)].filter((part) => part !== '').join(', ')
  return cut([...shown.map(alertText), closing].filter((part) => part !== '').join('\n\n'), lengths.description)
}

function alertText(alert: AlertChange): string {
  const facts = factsOf(alert).map(([name, text]) => `${name}: ${text}`)
  const links = linksOf(alert).map(([name, address]) => `${name}: ${address}`)
  return [alert.summary, ...facts, ...alert.examples, ...links].join('\n')
}

function detailsOf(alert: AlertChange): Readonly<Record<string, string>> {
  const entries = [...factsOf(alert), ...linksOf(alert)].slice(0, detailsMax)
  return Object.fromEntries(entries.map(([name, text]) => [cut(name, lengths.tag), cut(text, lengths.detail)]))
}

function tagsOf({ severity, alerts, teams }: Notice): readonly string[] {
  const tags = [severity, ...alerts.map(({ rule }) => rule), ...teams]
  return [...new Set(tags.map((tag) => cut(tag, lengths.tag)))].slice(0, tagsMax)
}
