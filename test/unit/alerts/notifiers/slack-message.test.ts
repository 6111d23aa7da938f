import { describe, expect, test } from '@jest/globals'
import { slackMessage } from '../../../../src/alerts/notifiers/slack/slack-message.ts'
import { alertOf, noticeOf } from '../../../support/notices.ts'

interface Block {
  readonly type: string
  readonly text?: { readonly text: string }
  readonly fields?: readonly { readonly text: string }[]
  readonly elements?: readonly { readonly text: string }[]
}

interface Message {
  readonly text: string
  readonly attachments: readonly [{ readonly color: string; readonly blocks: readonly Block[] }]
}

test('a notice is a line for the notification, and blocks with a bar', () => {
  const markdown = (text: string) => ({ type: 'mrkdwn', text })
  expect(slackMessage(noticeOf({ alertCount: 3 }))).toEqual({
    text: '[high] error-rate on payments',
    attachments: [
      {
        color: '#d9662b',
        blocks: [
          { type: 'section', text: markdown('*payments: 34 % of logs are errors*') },
          {
            type: 'section',
            fields: [
              '*rule*\nerror-rate',
              '*status*\nfiring',
              '*severity*\nhigh',
              '*service*\npayments',
              '*value*\n0.3425',
              '*threshold*\n0.2',
              '*usually*\n0.01',
              '*events*\n812',
              '*since*\n2026-11-29T09:30:00Z',
            ].map(markdown),
          },
          {
            type: 'section',
            text: markdown('```\nERROR card refused &lt;script&gt; &amp; "quotes"\nERROR timeout after 3000 ms\n```'),
          },
          {
            type: 'context',
            elements: [
              '<https://runbooks.example.com/payments|runbook>',
              '<https://search.example.com/?q=a%7Cb&amp;from=1|search>',
            ].map(markdown),
          },
          { type: 'context', elements: [markdown('and 2 more alerts, for security-team, operations-manager')] },
        ],
      },
    ],
  })
})

test('a notice that resolves has a bar in green', () => {
  const { text, attachments } = slackMessage(noticeOf({ kind: 'resolve' })) as Message
  expect([text, attachments[0].color]).toEqual(['[high] error-rate on payments', '#2eb67d'])
})

test('nothing of a log is a mention, a link or the end of a code block', () => {
  const alerts = [
    alertOf({
      summary: '<!channel> come',
      group: { user: '<@U123>' },
      examples: ['``` <https://bad.example|click> &amp;'],
      links: { bad: 'javascript:alert(1)', good: 'https://a.example/><!here>' },
    }),
  ]
  const message = JSON.stringify(slackMessage(noticeOf({ title: '<!here>', alerts })))
  expect(message).not.toMatch(/<[!@#]|<https:\/\/bad|javascript/)
  expect(message).toContain("'''")
  expect(message).toContain('&amp;amp;')
})

describe('limits of Slack hold for', () => {
  test.each([
    ['long texts', 'x'.repeat(50_000)],
    ['signs that escapes make longer', '&<>'.repeat(20_000)],
    ['characters of two units', '😀'.repeat(20_000)],
  ])('%s', (_, text) => {
    const alert = alertOf({
      summary: text,
      rule: text,
      group: Object.fromEntries(Array.from({ length: 30 }, (_unused, index) => [`${text}${index}`, text])),
      examples: [text, text, text],
      links: Object.fromEntries(
        Array.from({ length: 30 }, (_unused, index) => [`${text}${index}`, 'https://a.example']),
      ),
    })
    const notice = noticeOf({
      title: text,
      alerts: Array(50).fill(alert),
      alertCount: 5000,
      teams: Array(50).fill(text),
    })
    const message = slackMessage(notice) as Message
    const { blocks } = message.attachments[0]
    expect(blocks.length).toBeLessThanOrEqual(50)
    expect(message.text.length).toBeLessThanOrEqual(3000)
    for (const { text: section, fields = [], elements = [] } of blocks) {
      expect(section?.text.length ?? 0).toBeLessThanOrEqual(3000)
      expect(Math.max(fields.length, elements.length)).toBeLessThanOrEqual(10)
      for (const { text: part } of [...fields, ...elements]) expect(part.length).toBeLessThanOrEqual(3000)
      for (const { text: field } of fields) expect(field.length).toBeLessThanOrEqual(2000)
    }
    expect(JSON.stringify(message)).not.toMatch(/&[a-z]*…|\\ud[89ab]/)
  })
})
