import type { AlertChange } from '../../alert-change.ts'
import type { Notice } from '../../notice.ts'
import { cut } from '../text/cut.ts'
import { type Fact, factsOf, headline, linksOf, othersText, teamsText } from '../text/notice-text.ts'

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
        items: [richText([run(headline(notice), lengths.headline, { weight: 'Bolder', size: 'Medium' })])],
      },
      ...alerts.flatMap(alertElements),
      ...(closing === '' ? [] : [richText([run(closing, lengths.summary, { isSubtle: true })])]),
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
  return [
    richText([run(alert.summary, lengths.summary)], { separator: true }),
    ...factsOf(alert).map(factElement),
    ...alert.examples.map((example) =>
      richText([run(example, lengths.example, { fontType: 'Monospace', size: 'Small' })]),
    ),
  ]
}

function factElement([name, text]: Fact): unknown {
  const inlines = [run(`${name}: `, lengths.fact, { isSubtle: true }), run(text, lengths.fact)]
  return richText(inlines, { spacing: 'None' })
}

/** Rich text has no markup, as Markdown in a text block would be: names and log lines are shown as they are. */
function richText(inlines: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): unknown {
  return { type: 'RichTextBlock', inlines, ...more }
}

function run(text: string, lengthMax: number, more: Readonly<Record<string, unknown>> = {}): unknown {
  return { type: 'TextRun', text: cut(text, lengthMax), ...more }
}

function isFirst([, address]: readonly string[], index: number, links: readonly (readonly string[])[]): boolean {
  return links.findIndex((link) => link[1] === address) === index
}
