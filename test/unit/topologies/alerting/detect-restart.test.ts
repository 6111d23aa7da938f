import { expect, test } from '@jest/globals'
import type { AlertChange, RuleDefinition } from '../../../../src/alerts/index.ts'
import { AlertOwners, errors } from './alert-owners.ts'

const dayMs = 86_400_000
const waiting: RuleDefinition = { ...errors, name: 'waiting', for: '20s' }

const told = (changes: readonly AlertChange[]) => changes.map(({ status, key }) => `${status} ${key}`)

test('another owner continues the same episode, and ends it', () => {
  const owners = new AlertOwners()
  owners.begin([errors])
  owners.tick(0)
  owners.logs(12, ['errors'])
  const [fired] = owners.changes()
  owners.begin([errors], dayMs)
  expect(owners.changes()).toEqual([])
  owners.tick(111)
  const [resolved] = owners.changes()
  expect([fired?.status, resolved?.status, resolved?.episode]).toEqual(['firing', 'resolved', fired?.episode])
})

test('another owner fires what waits for its time, without a further log', () => {
  const owners = new AlertOwners()
  owners.begin([waiting])
  owners.tick(0)
  owners.logs(12, ['waiting'])
  owners.begin([waiting])
  owners.tick(35)
  expect(told(owners.changes())).toContain('firing waiting{service="shop"}')
})

test('a downtime of the owner resolves nothing, however long', () => {
  const owners = new AlertOwners()
  owners.begin([errors])
  owners.tick(0)
  owners.logs(12, ['errors'])
  owners.begin([errors], 30 * dayMs)
  owners.waitSeconds(600)
  expect(told(owners.changes())).toEqual(['firing errors{service="shop"}'])
})

test.each<readonly [string, readonly RuleDefinition[]]>([
  ['is gone', []],
  ['groups by other fields', [{ ...errors, groupBy: ['host'] }]],
  ['measures something else', [{ ...errors, measure: 'sum(bytes)' }]],
])('the alert of a rule that %s is resolved', (_, rules) => {
  const owners = new AlertOwners()
  owners.begin([errors])
  owners.tick(0)
  owners.logs(12, ['errors'])
  const [fired] = owners.changes()
  owners.begin(rules)
  const [ended] = owners.changes()
  expect(ended).toMatchObject({
    status: 'resolved',
    key: fired?.key,
    episode: fired?.episode,
    group: { service: 'shop' },
  })
  owners.tick(600)
  expect(owners.changes()).toEqual([])
})

test.each<readonly [string, readonly RuleDefinition[]]>([
  ['is gone', []],
  ['measures something else', [{ ...errors, measure: 'sum(bytes)', labels: { team: 'new' } }]],
  ['has other labels', [{ ...errors, labels: { team: 'new' } }]],
])('receivers of the alert of a rule that %s hear of its end', (_, rules) => {
  const owners = new AlertOwners()
  owners.begin([{ ...errors, labels: { team: 'old' } }])
  owners.tick(0)
  owners.logs(12, ['errors'])
  owners.begin(rules)
  owners.tick(600)
  const ended = owners.changes().at(-1)
  expect([ended?.status, ended?.labels]).toEqual(['resolved', { team: 'old' }])
})

test('a rule that was changed fires again only after the end of the alert before', () => {
  const owners = new AlertOwners()
  owners.begin([errors])
  owners.tick(0)
  owners.logs(13, ['errors'])
  owners.begin([{ ...errors, every: '5s' }])
  for (const second of [14, 16, 22]) owners.logs(second, ['errors'])
  const [fired, ended, again] = owners.changes()
  expect([fired, ended, again].map((change) => change?.status)).toEqual(['firing', 'resolved', 'firing'])
  expect(again?.timeMs).toBeGreaterThan(ended?.timeMs ?? Number.POSITIVE_INFINITY)
  expect(again?.episode).not.toBe(ended?.episode)
})

const newTerm: RuleDefinition = {
  name: 'new',
  kind: 'new-term',
  field: 'country',
  groupBy: ['service'],
  window: '1m',
  every: '10s',
  learn: '1m',
}
const share: RuleDefinition = {
  name: 'new',
  kind: 'anomaly',
  groupBy: ['service'],
  window: '1m',
  learn: '10m',
  bad: 'failed == true',
}

test.each<readonly [string, RuleDefinition, RuleDefinition]>([
  ['the terms of another field', newTerm, { ...newTerm, field: 'browser' }],
  ['another share', share, { ...share, bad: 'slow == true' }],
])('a rule that learned %s learns again', (_, before, now) => {
  const owners = new AlertOwners()
  owners.begin([before])
  owners.tick(0)
  for (let second = 0; second < 1200; second += 10) {
    owners.logs(second, ['new'], { text: 'DE', bad: 0 })
    owners.tick(second)
  }
  owners.begin([now])
  for (let second = 1210; second < 1400; second += 10) {
    owners.logs(second, ['new'], { text: 'Firefox', bad: 5 })
    owners.tick(second)
  }
  expect(owners.changes()).toEqual([])
})

test('a group whose value ends with half of a character has links, too', () => {
  const owners = new AlertOwners()
  owners.begin([{ ...errors, links: { search: 'https://search.example.com/?q=%{service}' } }])
  owners.write(['\ud83d'], 12, 'errors')
  expect(owners.changes()[0]?.links).toEqual({ search: 'https://search.example.com/?q=%EF%BF%BD' })
})
