import { expect, test } from '@jest/globals'
import { teamsMessage } from '../../../../src/alerts/notifiers/teams/teams-message.ts'
import { alertOf, noticeOf } from '../../../support/notices.ts'

const run = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more })
const rich = (inlines: readonly object[], more: object = {}) => ({ type: 'RichTextBlock', inlines, ...more })
const fact = (name: string, text: string) =>
  rich([run(`${name}: `, { isSubtle: true }), run(text)], { spacing: 'None' })

test('a notice is a message with one Adaptive Card', () => {
  expect(JSON.parse(teamsMessage(noticeOf({ alertCount: 2 })))).toEqual({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            {
              type: 'Container',
              style: 'attention',
              bleed: true,
              items: [rich([run('[high] error-rate on payments', { weight: 'Bolder', size: 'Medium' })])],
            },
            rich([run('payments: 34 % of logs are errors')], { separator: true }),
            fact('rule', 'error-rate'),
            fact('status', 'firing'),
            fact('severity', 'high'),
            fact('service', 'payments'),
            fact('value', '0.3425'),
            fact('threshold', '0.2'),
            fact('usually', '0.01'),
            fact('events', '812'),
            fact('since', '2026-11-29T09:30:00Z'),
            rich([run('ERROR card refused <script> & "quotes"', { fontType: 'Monospace', size: 'Small' })]),
            rich([run('ERROR timeout after 3000 ms', { fontType: 'Monospace', size: 'Small' })]),
            rich([run('and 1 more alert, for security-team, operations-manager', { isSubtle: true })]),
          ],
          actions: [
            { type: 'Action.OpenUrl', title: 'runbook', url: 'https://runbooks.example.com/payments' },
            { type: 'Action.OpenUrl', title: 'search', url: 'https://search.example.com/?q=a|b&from=1' },
          ],
        },
      },
    ],
  })
})

test.each(['x', '😀', '\u0001', '"'])('a message of %j stays below 28 KB', (sign) => {
  const text = sign.repeat(20_000)
  const alert = alertOf({ summary: text, rule: text, group: { [text]: text }, examples: [text, text, text] })
  const body = teamsMessage(noticeOf({ title: text, alerts: Array(20).fill(alert), teams: [text] }))
  expect(Buffer.byteLength(body)).toBeLessThan(28_000)
})

test('a notice that resolves is green', () => {
  expect(teamsMessage(noticeOf({ kind: 'resolve' }))).toContain('"style":"good"')
})
