import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
afterAll(() => rmSync(directory, { recursive: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text)
  return name
}
const run = (...args: string[]) =>
  commandLine({ directory, environment: { CHAT_URL: 'https://chat.example/x' } }).run(...args)

const rule = (status: string, name = 'errors') => `rules:
  - name: ${name}
    kind: threshold
    fire: '> 2'
    window: 1m
    groupBy: [service]
    labels: { team: shop }
    examples:
      - name: three errors
        logs: [{ at: 0s, times: 3, log: { service: shop } }]
        expect: [{ at: 2s, status: ${status} }, { at: 62s, status: resolved }]
`
const right = file('right.yaml', rule('firing'))

describe('millrace alerts test', () => {
  test('runs the examples of a file and counts them', async () => {
    const { exitCode, out } = await run('alerts', 'test', right)
    expect([exitCode, out]).toEqual([
      0,
      'right.yaml: ok: errors: three errors\n1 file, 1 rule, 1 example: 1 right, 0 wrong\n',
    ])
  })

  test('shows input, what was expected and the difference, and ends with 1', async () => {
    const { exitCode, out } = await run('alerts', 'test', file('wrong.yaml', rule('no-data')), right)
    expect(exitCode).toBe(1)
    expect(out).toContain('wrong.yaml: FAILED: errors: three errors')
    expect(out).toContain('    input: {"at":"0s","times":3,"log":{"service":"shop"}}')
    expect(out).toContain('    expected: {"at":"2s","status":"no-data"}')
    expect(out).toContain('    no-data at 2s expected, firing at 2s')
    expect(out).toContain('2 files, 2 rules, 2 examples: 1 right, 1 wrong')
  })

  test('says that a time differs by its rounding alone', async () => {
    const text = rule('firing').replace('at: 2s', 'at: 3s').replace('times: 3', 'times: 3, every: 1500ms')
    const { out } = await run('alerts', 'test', file('rounded.yaml', text))
    expect(out).toContain('found: times are rounded down to multiples of every, which is 2s')
  })

  test('reports the mistakes of all files with their lines', async () => {
    const broken = file('broken.yaml', 'rules:\n  - { name: a, kind: threshold, window: 1m }\n')
    const unknown = file('unknown.yaml', 'rules:\n  - { name: b, kind: sorcery }\n')
    const { exitCode, errors } = await run('alerts', 'test', broken, unknown)
    expect(exitCode).toBe(2)
    expect(errors).toContain('broken.yaml:2: ')
    expect(errors).toContain('unknown.yaml:2: ')
  })

  test('names a file that cannot be read', async () => {
    const { exitCode, errors } = await run('alerts', 'test', 'no.yaml')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('no.yaml cannot be read')])
  })
})

describe('millrace alerts schema', () => {
  test.each(['rules', 'notices', 'notifiers'])('prints the schema of %s', async (name) => {
    const { exitCode, out } = await run('alerts', 'schema', name)
    expect([exitCode, JSON.parse(out)]).toEqual([0, expect.objectContaining({ $schema: expect.any(String) })])
  })

  test('names the schemas that there are', async () => {
    const { exitCode, errors } = await run('alerts', 'schema', 'rule')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining("no schema 'rule': name rules, notices, notifiers")])
  })
})

describe('millrace alerts check', () => {
  const notifiers = file('notifiers.yaml', 'notifiers:\n  - { name: chat, slack: { url: { env: CHAT_URL } } }\n')
  const notices = (name: string, route: string, receivers = '[{ name: chat }]') =>
    file(
      name,
      `receivers: ${receivers}\nroutes:\n  - { name: shop, receivers: [chat], ${route} }\n  - { name: all, receivers: [chat] }\n`,
    )
  const check = (noticesFile: string) =>
    run('alerts', 'check', '--rules', right, '--notices', noticesFile, '--notifiers', notifiers)

  test('has nothing to say about files that fit each other', async () => {
    const { exitCode, out, errors } = await check(notices('fine.yaml', 'match: { team: shop, rule: errors }'))
    expect([exitCode, out, errors]).toEqual([0, 'right.yaml, fine.yaml, notifiers.yaml: no mistakes\n', ''])
  })

  test('names a receiver without a notifier, and one that nobody notifies', async () => {
    const { exitCode, out } = await check(
      notices('lost.yaml', 'match: { rule: errors }', '[{ name: chat }, { name: mail }]'),
    )
    expect(exitCode).toBe(1)
    expect(out).toContain('lost.yaml, notifiers.yaml: receiver mail has no notifier: ')
    expect(out).toContain('no route and no step of an escalation notifies mail')
  })

  test('names a rule and a field that no alert has', async () => {
    const { out } = await check(notices('typing.yaml', 'match: { rule: [error, "err*"], servcie: shop }'))
    expect(out).toContain('typing.yaml:3: routes.0.match.rule: there is no rule error: write one of errors')
    expect(out).toContain('routes.0.match.servcie: no rule groups by servcie or has it as a label')
    expect(out.trimEnd().split('\n')).toHaveLength(2)
  })

  test('reports the mistakes of all files together', async () => {
    const broken = file('broken-notices.yaml', 'receivers: []\nroutes: []\n')
    const wrong = file('broken-notifiers.yaml', 'notifiers:\n  - { name: chat, slack: { url: { env: NO_URL } } }\n')
    const { exitCode, out } = await run('alerts', 'check', '--notices', broken, '--notifiers', wrong, '--json')
    expect(exitCode).toBe(1)
    const { mistakes } = JSON.parse(out) as { readonly mistakes: readonly { readonly file: string }[] }
    expect([...new Set(mistakes.map((mistake) => mistake.file))]).toEqual([broken, wrong])
  })

  test('names a notifier without a receiver, also in files that variables name', async () => {
    const mail = file('mail.yaml', 'receivers: [{ name: log }]\nroutes: [{ name: all, receivers: [log] }]\n')
    const environment = {
      ALERTS_NOTICES_FILE: mail,
      ALERTS_NOTIFIERS_FILE: notifiers,
      CHAT_URL: 'https://chat.example/x',
    }
    const { exitCode, out } = await commandLine({ directory, environment }).run('alerts', 'check')
    expect([exitCode, out]).toEqual([
      1,
      expect.stringMatching(/^mail\.yaml, notifiers\.yaml: notifier chat has no receiver: /),
    ])
  })

  test.each([
    ['Alertmanager', 'route: { receiver: all }\nreceivers: [{ name: all }]\n'],
    ['Grafana', 'apiVersion: 1\npolicies: []\n'],
  ])('says that a file is one of %s', async (program, text) => {
    const { out } = await run('alerts', 'check', '--notices', file(`${program}.yaml`, text))
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringContaining(`.yaml:1: it is a file of ${program}: docs/from-alertmanager.md`),
    ])
  })

  test.each([
    ['Prometheus', 'groups: [{ name: shop, rules: [] }]\n'],
    ['ElastAlert', 'name: errors\ntype: frequency\nindex: logs-*\nnum_events: 50\n'],
  ])('says that rules are those of %s', async (program, text) => {
    const { out } = await run('alerts', 'check', '--rules', file(`${program}.yaml`, text))
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringContaining(`.yaml:1: it is a file of ${program}: docs/from-alertmanager.md`),
    ])
  })

  test('checks which topics are judged by models', async () => {
    const watches = file('watches.yaml', 'watches: [{ name: Rates, topic: rates }]')
    expect((await run('alerts', 'check', '--watches', watches)).out).toMatch(/watches.yaml:1.*name/)
  })

  test('asks for a file', async () => {
    expect(await run('alerts', 'check')).toMatchObject({ exitCode: 2, errors: expect.stringContaining('--rules') })
  })
})
