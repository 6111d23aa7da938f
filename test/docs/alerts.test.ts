import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { loadNotices, loadNotifiers, loadRules, receiverMistakes, runAlertExamples } from '../../src/alerts/index.ts'
import { commandLine } from '../support/command-line.ts'
import { blocksOf, readText } from './markdown.ts'

const blocks = ['docs/alerts.md', 'docs/from-alertmanager.md'].flatMap((name) =>
  blocksOf({ name, text: readText(name) })
    .filter(({ info }) => info === 'yaml')
    .map(({ page, code }, index) => ({
      name: `${page}, block ${index + 1}`,
      page,
      code,
      kind: /^\w+/.exec(code)?.[0],
    })),
)
const of = (kind: string) =>
  blocks.filter((block) => block.kind === kind).map((block) => [block.name, block.code] as const)

/** Secrets that the file names, as a service would have given them. */
const environment = (code: string) =>
  Object.fromEntries(
    [...code.matchAll(/env: (\w+)/g)].map(([, name = '']) => [
      name,
      name.endsWith('URL') ? 'https://hooks.example.com/x' : 'k'.repeat(32),
    ]),
  )
const notifiersIn = (code: string, name: string) => loadNotifiers(code, name, { environment: environment(code) })

test('every block of the pages is a file of rules, notices or notifiers', () => {
  expect(
    blocks.map(({ kind }) => kind).filter((kind) => !['rules', 'receivers', 'notifiers'].includes(kind ?? '')),
  ).toEqual([])
})

describe('rules of the pages', () => {
  test.each(of('rules'))('%s has right examples only', (name, code) => {
    const results = runAlertExamples(loadRules(code, name))
    expect(results.length).toBeGreaterThan(0)
    expect(results.flatMap(({ differences }) => differences)).toEqual([])
  })

  test('there is one of each kind', () => {
    const kinds = of('rules').flatMap(([name, code]) => loadRules(code, name).map(({ definition }) => definition.kind))
    expect([...new Set(kinds)]).toHaveLength(10)
  })

  test('and 15 rules to copy', () => {
    expect(loadRules(readText('alerts/to-copy.yaml'), 'to-copy.yaml')).toHaveLength(15)
  })
})

describe('notices and notifiers of the pages', () => {
  test.each(of('receivers'))('%s can be loaded', (name, code) => {
    expect(loadNotices(code, name).routes.length).toBeGreaterThan(0)
  })

  test.each(of('notifiers'))('%s can be loaded', (name, code) => {
    expect(notifiersIn(code, name).length).toBeGreaterThan(0)
  })

  test.each(['docs/alerts.md', 'docs/from-alertmanager.md'])('those of %s fit each other', (page) => {
    const last = (kind: string) => blocks.findLast((block) => block.page === page && block.kind === kind)?.code ?? ''
    const names = notifiersIn(last('notifiers'), page).map(({ name }) => name)
    expect(receiverMistakes(loadNotices(last('receivers'), page), names)).toEqual([])
  })
})

test('docs/alerts.md shows what a replay of its first rule prints', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
  const logs = (atMs: number, times: number, everyMs: number) =>
    Array.from({ length: times }, (_, index) => {
      const timestamp = new Date(Date.parse('2026-11-24T08:00:00Z') + atMs + index * everyMs).toISOString()
      return JSON.stringify({ timestamp, level: 'error', service: 'checkout' })
    })
  const end = JSON.stringify({ timestamp: '2026-11-24T09:00:00Z', level: 'info', service: 'checkout' })
  const lines = [...logs(0, 200, 1000), ...logs(200_000, 1000, 100), end]
  writeFileSync(join(directory, 'logs'), lines.join('\n'))
  writeFileSync(join(directory, 'rules.yaml'), of('rules')[0]?.[1] ?? '')
  writeFileSync(join(directory, 'notices.yaml'), of('receivers')[0]?.[1] ?? '')
  const { out } = await commandLine({ directory }).run(
    ...['alerts', 'replay', '--rule', 'rules.yaml', '--notices', 'notices.yaml', '--input', 'logs'],
  )
  rmSync(directory, { recursive: true })
  const [shown] = blocksOf({ name: 'docs/alerts.md', text: readText('docs/alerts.md') }).filter(
    ({ info }) => info === 'text',
  )
  expect(shown?.code).toBe(out)
})
