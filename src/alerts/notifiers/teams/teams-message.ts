import type { AlertChange } from '../../alert-change.ts'
import type { Notice } from '../../notice.ts'
import { cut } from '../text/cut.ts'
import { factsOf, headline, linksOf, othersText, teamsText } from '../text/notice-text.ts'

/** Teams refuses a message above 28 KB. */
const bytesMax = 26_000
const alertsMax = 5
const linksMax = 4
const lengths = { headline: 500, summary: 500, fact: 200, example: 400 } as const

/** The color of the card, in the words of Adaptive Cards. */
const styles = { low: 'accent', medium: 'warning', high: 'attention', critical: 'attention' } as const
const resolvedStyle = 'good'

/** A notice as the body for a workflow that begins with a Teams webhook: a message with one Adaptive Card. */
export function teamsMessage(notice: Notice): string {
  // Signs of other scripts take more bytes: fewer alerts then.
  for (let count = alertsMax; ; count--) {
    const body = JSON.stringify(message(notice, notice.alerts.slice(0, count)))
    if (count === 0 || Buffer.byteLength(body) <= bytesMax) return body
  }
}

function message(notice: Notice, alerts: readonly AlertChange[]): unknown {
  const style = notice.kind === 'resolve' ? resolvedStyle : styles[notice.severity]
  const closing = [othersText(notice, alerts.length), teamsText(notice)].filter((part) => part !== '').join(', ')
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'Container',
        style,
        bleed: true,
        items: [textBlock(headline(notice), lengths.headline, { weight: 'Bolder', size: 'Medium' })],
      },
      ...alerts.flatMap(alertElements),
      ...(closing === '' ? [] : [textBlock(closing, lengths.summary, { isSubtle: true })]),
    ],
    actions: alerts
      .flatMap(linksOf)
      .filter(isFirst)
      .slice(0, linksMax)
      .map(([name, url]) => ({ type: 'Action.OpenUrl', title: cut(name, lengths.fact), url })),
  }
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  }
}

function alertElements(alert: AlertChange): readonly unknown[] {
  const facts = factsOf(alert).map(([name, text]) => ({
    title: escaped(name, lengths.fact),
    value: escaped(text, lengths.fact),
  }))
  return [
    textBlock(alert.summary, lengths.summary, { separator: true }),
    { type: 'FactSet', facts },
    ...alert.examples.map(exampleBlock),
  ]
}

/** A rich text has no markup: the line of a log is shown as it is. */
function exampleBlock(example: string): unknown {
  return {
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text: cut(example, lengths.example), fontType: 'Monospace', size: 'Small' }],
  }
}

function textBlock(text: string, lengthMax: number, more: Readonly<Record<string, unknown>>): unknown {
  return { type: 'TextBlock', text: escaped(text, lengthMax), wrap: true, ...more }
}

/** Without Markdown: emphasis, links, lists and headings of a log are not those of the message. */
function escaped(text: string, lengthMax: number): string {
  return cut(text, lengthMax).replaceAll(/[\\*_[\]()#`~>+|-]/g, String.raw`\$&`)
}

function isFirst([, address]: readonly string[], index: number, links: readonly (readonly string[])[]): boolean {
  return links.findIndex((link) => link[1] === address) === index
}
