import { describe, expect, test } from '@jest/globals'
import type { NoticesDefinition } from '../../../../src/alerts/notices/definition.ts'
import { compileNotices } from '../../../../src/alerts/notices/notice-plan.ts'
import { routesOf } from '../../../../src/alerts/notices/routing.ts'
import { alertChange } from '../../../support/notices.ts'
import { Desk } from './desk.ts'

const minute = 60_000
const bySeverity: NoticesDefinition = {
  receivers: [{ name: 'pager' }, { name: 'chat' }],
  routes: [
    { name: 'urgent', match: { severity: 'critical' }, receivers: ['pager'], escalate: false },
    { name: 'others', receivers: ['chat'], escalate: false },
  ],
}

function routesFor(routes: NoticesDefinition['routes'], labels: Readonly<Record<string, string>>): readonly string[] {
  const plan = compileNotices({ receivers: [{ name: 'chat' }], routes })
  const routed = routesOf(plan.routes, alertChange('a', 'firing', { labels }))
  return routed.filter(({ isMember }) => isMember).map(({ groupKey }) => groupKey)
}

const last = { name: 'rest', receivers: ['chat'] }

describe('an alert takes', () => {
  test('the first route that matches', () => {
    const routes = [{ name: 'pay', match: { team: 'pay-*' }, receivers: ['chat'], groupBy: ['rule', 'team'] }, last]
    expect(routesFor(routes, { team: 'pay-eu' })).toEqual(['pay/errors/pay-eu'])
    expect(routesFor(routes, { team: 'shop' })).toEqual(['rest/errors'])
  })

  test('its route also where a value ends with half of a character', () => {
    const routes = [{ name: 'teams', receivers: ['chat'], groupBy: ['team'] }]
    expect(routesFor(routes, { team: 'shop\ud83d' })).toEqual(['teams/shop%EF%BF%BD'])
  })

  test('the routes after it, too, where it says so', () => {
    const routes = [{ name: 'audit', receivers: ['chat'], match: {}, continue: true }, last]
    expect(routesFor(routes, {})).toEqual(['audit/errors', 'rest/errors'])
  })

  test('no route of what it must not be', () => {
    const routes = [{ name: 'real', match: { team: '!sandbox' }, receivers: ['chat'] }, last]
    expect(routesFor(routes, { team: 'sandbox' })).toEqual(['rest/errors'])
    expect(routesFor(routes, {})).toEqual(['real/errors'])
  })

  test('a key that services take, however long its values are', () => {
    const routes = [{ ...last, groupBy: ['team'] }]
    const [long] = routesFor(routes, { team: 'x'.repeat(1000) })
    const [other] = routesFor(routes, { team: `${'x'.repeat(1000)}y` })
    expect(long).toHaveLength(160)
    expect(other).not.toBe(long)
  })

  test('a key for any value, also for half a character', () => {
    const routes = [{ ...last, groupBy: ['team'] }]
    expect(routesFor(routes, { team: 'x\ud83d' })).toEqual(['rest/x%EF%BF%BD'])
  })
})

describe('an alert whose severity leads elsewhere', () => {
  test('is resolved where it was, and fires where it is', () => {
    const desk = new Desk(bySeverity)
    desk.fire('a', 'high')
    desk.pass(minute)
    desk.fire('a', 'critical')
    desk.pass(minute)
    desk.resolve('a', { severity: 'critical' })
    desk.pass(minute)
    expect(desk.lines).toEqual([
      '00:00:30 fire chat a',
      '00:01:00 resolve chat a',
      '00:01:30 fire pager a',
      '00:02:00 resolve pager a',
    ])
  })

  test('is resolved also where its last change says another severity', () => {
    const desk = new Desk(bySeverity)
    desk.fire('a', 'critical')
    desk.pass(minute)
    desk.resolve('a', { severity: 'low' })
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire pager a', '00:01:00 resolve pager a'])
  })
})

describe('a group whose route is gone', () => {
  test('resolves what it has opened', () => {
    const desk = new Desk(bySeverity)
    desk.fire('a', 'critical')
    desk.pass(minute)
    const later = new Desk({ ...bySeverity, routes: [{ name: 'new', receivers: ['chat'] }] })
    for (const [key, state] of desk.states) later.states.set(key, state)
    later.nowMs = desk.nowMs
    later.pass(5 * 60 * minute)
    expect(later.notices.map(({ kind, receiver }) => [kind, receiver])).toEqual([['resolve', 'pager']])
  })
})
