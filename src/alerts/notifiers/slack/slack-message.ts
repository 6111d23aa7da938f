import type { AlertChange } from '../../alert-change.ts'
import type { Notice } from '../../notice.ts'
import { cut } from '../text/cut.ts'
import { type Fact, factsOf, headline, linksOf, othersText, teamsText } from '../text/notice-text.ts'

/** Slack takes 50 blocks; an alert has four at most. */
const alertsMax = 5
const linksMax = 5
/** Limits of Slack, less what escapes and marks add: 3000 characters in a section, 2000 in a field, 10 fields. */
const lengths = { text: 2900, headline: 1000, summary: 1000, field: 300, fieldsMax: 10, example: 900 } as const

/** Color of the bar at the left of a message. */
const colors = { low: '#4a90d9', medium: '#daa038', high: '#d9662b', critical: '#a30200' } as const
const resolvedColor = '#2eb67d'

/**
 * A notice as the body of an incoming webhook: one line for the notification, and blocks with a bar in the color of the
 * severity. An incoming webhook does not say which message it has made, so that the message that resolves cannot be a reply.
 */
export function slackMessage(notice: Notice): unknown {
  const shown = notice.alerts.slice(0, alertsMax)
  const color = notice.kind === 'resolve' ? resolvedColor : colors[notice.severity]
  const blocks = [...shown.flatMap(alertBlocks), ...closingBlocks(notice, shown.length)]
  const text = escaped(headline(notice), lengths.headline)
  return blocks.length === 0 ? { text } : { text, attachments: [{ color, blocks }] }
}

function alertBlocks(alert: AlertChange): readonly unknown[] {
  const fields = factsOf(alert).slice(0, lengths.fieldsMax).map(field)
  const blocks: unknown[] = [
    { type: 'section', text: markdown(`*${escaped(alert.summary, lengths.summary)}*`) },
    { type: 'section', fields },
  ]
  const examples = alert.examples.map((example) => escaped(example, lengths.example))
  if (examples.length > 0) blocks.push({ type: 'section', text: markdown(code(examples)) })
  const links = linksOf(alert).slice(0, linksMax)
  if (links.length > 0) blocks.push({ type: 'context', elements: links.map(link) })
  return blocks
}

function closingBlocks(notice: Notice, shown: number): readonly unknown[] {
  const text = [othersText(notice, shown), teamsText(notice)].filter((part) => part !== '').join(', ')
  return text === '' ? [] : [{ type: 'context', elements: [markdown(escaped(text, lengths.text))] }]
}

function field([name, text]: Fact): unknown {
  return markdown(`*${escaped(name, lengths.field)}*\n${escaped(text, lengths.field)}`)
}

function link([name, address]: Fact): unknown {
  const target = new URL(address).href.replaceAll('|', '%7C').replaceAll('&', '&amp;')
  return markdown(`<${target}|${escaped(name, lengths.field)}>`)
}

/** Three backticks inside would end the block. */
function code(lines: readonly string[]): string {
  return `\`\`\`\n${lines.join('\n').replaceAll('```', "'''")}\n\`\`\``
}

function markdown(text: string): unknown {
  return { type: 'mrkdwn', text }
}

/** Without the three signs with which Slack begins a mention or a link; the length counts what replaces them. */
function escaped(text: string, lengthMax: number): string {
  const replaced = cut(text, lengthMax).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return replaced.length <= lengthMax ? replaced : `${replaced.slice(0, lengthMax - 1).replace(/&[a-z]*$/, '')}…`
}
