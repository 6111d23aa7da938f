import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loadNotifiers, type NotifiersError } from '../../../../src/alerts/index.ts'
import { noticeOf, noticeRecord } from '../../../support/notices.ts'
import { OpenSinks } from '../../../support/open-sinks.ts'
import { ServiceServer } from '../../../support/service-server.ts'
import { flushAtLast } from '../../../support/sink-patience.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-notifiers-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function mistakesOf(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    loadNotifiers(text, 'notifiers.yaml', { environment })
    return []
  } catch (error) {
    return (error as NotifiersError).mistakes.map(({ line, place, message }) => `${line} ${place}: ${message}`)
  }
}

test('each entry is a sink with the name of its receiver', () => {
  const secretFile = join(folder, 'password')
  writeFileSync(secretFile, 'from a file\n')
  const text = `
notifiers:
  - name: hook
    webhook: { url: { env: HOOK_URL }, secret: { env: HOOK_SECRET }, body: '{"text": "{{title}}"}' }
  - name: chat
    slack: { url: { env: CHAT_URL }, ratePerMinute: 30, timeout: 5s }
  - name: team
    teams: { url: { env: TEAM_URL } }
  - name: pager
    pagerduty: { routingKey: { env: PAGER_KEY }, url: https://events.eu.pagerduty.com }
  - name: operations
    opsgenie: { apiKey: { env: OPERATIONS_KEY } }
  - name: mail
    email:
      host: mail.example.com
      username: alerts
      password: { file: ${secretFile} }
      from: alerts@example.com
      to: [people@example.com]
`
  const environment = {
    HOOK_URL: 'https://hook.example.com',
    HOOK_SECRET: 'shared',
    CHAT_URL: 'https://hooks.slack.com/services/x',
    TEAM_URL: 'https://team.example.com',
    PAGER_KEY: 'key',
    OPERATIONS_KEY_FILE: secretFile,
  }
  const names = loadNotifiers(text, 'notifiers.yaml', { environment }).map(({ name }) => name)
  expect(names).toEqual(['hook', 'chat', 'team', 'pager', 'operations', 'mail'])
})

test('a sink of a file sends to the address of its variable', async () => {
  const server = new ServiceServer()
  await server.start()
  const sinks = new OpenSinks()
  const text = 'notifiers: [{ name: hook, webhook: { url: { env: HOOK_URL } } }]'
  const [factory] = loadNotifiers(text, 'notifiers.yaml', { environment: { HOOK_URL: `${server.url}/from-variable` } })
  const sink = await sinks.open(factory as NonNullable<typeof factory>)
  sink.add(noticeRecord(0, noticeOf()))
  await flushAtLast(sink)
  expect(server.taken.map(({ path }) => path)).toEqual(['/from-variable'])
  await sinks.close()
  await server.stop()
})

test('all mistakes are reported at once, each with its line', () => {
  const text = `
notifiers:
  - name: hook
    webhook:
      url: { env: NOT_SET }
      secret: { file: /nowhere/secret }
  - name: Chat
    slack: { url: { env: CHAT_URL }, retries: 3 }
  - name: pager
    pagerduty: {}
  - name: nobody
  - name: pager
    teams: { url: { env: CHAT_URL } }
    slack: { url: { env: CHAT_URL } }
  - name: mail
    email: { host: mail, from: nobody, to: people@example.com, timeout: soon }
`
  expect(mistakesOf(text, { CHAT_URL: 'https://hooks.slack.com/services/x' })).toEqual([
    '5 notifiers.0.webhook.url: the variable NOT_SET is not set: set it, or NOT_SET_FILE',
    '6 notifiers.0.webhook.secret: the file /nowhere/secret cannot be read: check its path and its permissions',
    '7 notifiers.1.name: "Chat" does not fit: write the name of a receiver in small letters, digits and hyphens, such as payments-chat',
    '8 notifiers.1.slack.retries: retries is not an option: write one of url, ratePerMinute, timeout, caFile',
    '10 notifiers.2.pagerduty: routingKey is missing or empty',
    '11 notifiers.3: needs one of webhook, slack, teams, pagerduty, opsgenie, email',
    '12 notifiers.4: has teams and slack: leave one, a notifier has one service',
    '12 notifiers.4.name: pager is there twice: rename one of the two',
    '16 notifiers.5.email.timeout: "soon" does not fit: write a number and a unit, such as 30s, 5m or 1h',
  ])
})

test.each([
  ['in the place of its source', 'slack: { url: https://hooks.slack.com/secret-of-file }'],
  ['in the place of all options', 'slack: https://hooks.slack.com/secret-of-file'],
  ['in a source that has no such form', 'pagerduty: { routingKey: { text: secret-of-file } }'],
  ['in a list', 'pagerduty: { routingKey: [secret-of-file] }'],
])('a secret in the file is refused, and not shown: %s', (_, service) => {
  const mistakes = mistakesOf(`notifiers:\n  - name: chat\n    ${service}\n`)
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).not.toContain('secret-of-file')
})

test('a text that is no YAML is refused with its line', () => {
  expect(mistakesOf('notifiers:\n\t- name: a\n')[0]).toMatch(/^2 /)
})
