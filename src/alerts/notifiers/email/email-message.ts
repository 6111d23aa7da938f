import type { AlertChange } from '../../alert-change.ts'
import type { Notice } from '../../notice.ts'
import { hashOf } from '../stable-key.ts'
import { cut } from '../text/cut.ts'
import { type Fact, factsOf, headline, linksOf, othersText, teamsText } from '../text/notice-text.ts'

const alertsMax = 20
const lengths = { subject: 200, summary: 1000, fact: 500, example: 2000 } as const

/** A notice as a mail, without its addresses. */
export interface EmailMessage {
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Made of the id of the notice: a program that gets the mail twice can recognize it. */
  readonly messageId: string
  /** Made of the key of the episode: all its mails refer to it, so that programs show them as one conversation. */
  readonly references: string
  readonly noticeId: string
}

/** `domain`: the end of the ids of the mail, after the sign `@`. */
export function emailMessage(notice: Notice, domain: string): EmailMessage {
  const subject = cut(headline(notice), lengths.subject)
  const alerts = notice.alerts.slice(0, alertsMax)
  const closing = [othersText(notice, alerts.length), teamsText(notice)].filter((part) => part !== '').join(', ')
  return {
    subject,
    text: [subject, ...alerts.map(alertText), closing].filter((part) => part !== '').join('\n\n'),
    html: `<h3>${escaped(subject)}</h3>${alerts.map(alertHtml).join('')}<p>${escaped(closing)}</p>`,
    messageId: `<${hashOf(notice.id)}@${domain}>`,
    references: `<${hashOf(notice.dedupKey)}@${domain}>`,
    noticeId: notice.id,
  }
}

function alertText(alert: AlertChange): string {
  const { summary, facts, examples, links } = shownOf(alert)
  return [summary, ...[...facts, ...links].map(([name, text]) => `${name}: ${text}`), ...examples].join('\n')
}

function alertHtml(alert: AlertChange): string {
  const { summary, facts, examples, links } = shownOf(alert)
  const rows = facts.map(([name, text]) => `<tr><td>${escaped(name)}</td><td>${escaped(text)}</td></tr>`)
  const anchors = links.map(([name, address]) => `<a href="${escaped(address)}">${escaped(name)}</a>`)
  return [
    `<p><b>${escaped(summary)}</b></p><table>${rows.join('')}</table>`,
    examples.length > 0 ? `<pre>${escaped(examples.join('\n'))}</pre>` : '',
    anchors.length > 0 ? `<p>${anchors.join(' ')}</p>` : '',
  ].join('')
}

function shownOf(alert: AlertChange): {
  readonly summary: string
  readonly facts: readonly Fact[]
  readonly examples: readonly string[]
  readonly links: readonly Fact[]
} {
  return {
    summary: cut(alert.summary, lengths.summary),
    facts: factsOf(alert).map(bounded),
    examples: alert.examples.map((example) => cut(example, lengths.example)),
    links: linksOf(alert).map(([name, address]) => [cut(name, lengths.fact), address]),
  }
}

function bounded([name, text]: Fact): Fact {
  return [cut(name, lengths.fact), cut(text, lengths.fact)]
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign)
}
