import { afterEach, describe, expect, test } from '@jest/globals'
import type { Notice, RouteDefinition, StormDefinition } from '../../../../src/alerts/index.ts'
import { AlertDesk } from './alert-desk.ts'

const causes = 20
/** The integration tests have 500. */
const alertsOfCause = 40

let desk: AlertDesk

afterEach(() => desk.close())

function open(route: Partial<RouteDefinition> = {}, storm: StormDefinition = {}): AlertDesk {
  desk = new AlertDesk({
    receivers: [{ name: 'chat', storm }],
    routes: [{ name: 'all', receivers: ['chat'], escalate: false, repeat: 'never', ...route }],
    flapping: 'off',
  })
  return desk
}

/** Over 40 seconds. */
function storm(status: 'firing' | 'resolved'): void {
  for (let alert = 0; alert < alertsOfCause; alert++) {
    for (let cause = 0; cause < causes; cause++) {
      const more = { rule: `cause-${cause}`, startMs: 1, timeMs: status === 'firing' ? 1 : 2 }
      desk.change(`service-${alert}`, status, { ...more, episode: `cause-${cause}/service-${alert}@1` })
    }
    desk.pass(1)
  }
}

/** How many alerts the notices tell of: each group by its last one, and what summaries add to it. */
function told(notices: readonly Notice[]): number {
  const groups = new Map<string, number>()
  let summaries = 0
  for (const { kind, dedupKey, alertCount } of notices) {
    if (kind === 'digest') summaries += alertCount
    else if (kind === 'fire') groups.set(dedupKey, Math.max(alertCount, groups.get(dedupKey) ?? 0))
  }
  return summaries + [...groups.values()].reduce((sum, count) => sum + count, 0)
}

describe('many alerts of 20 causes', () => {
  test('are 20 notices and a few summaries, which tell of all of them', () => {
    open()
    storm('firing')
    desk.pass(600)
    const notices = desk.notices()
    expect(notices.length).toBeLessThanOrEqual(25)
    expect(notices.filter(({ kind }) => kind === 'fire')).toHaveLength(causes)
    expect(told(notices)).toBe(causes * alertsOfCause)
  }, 60_000)

  test('are as few where each alert has notices of its own, and their ends too', () => {
    open({ groupBy: ['alert'], wait: '0s' })
    storm('firing')
    desk.pass(600)
    const fired = desk.notices()
    expect(fired.length).toBeLessThanOrEqual(25)
    expect(told(fired)).toBe(causes * alertsOfCause)
    storm('resolved')
    desk.pass(600)
    const ended = desk.notices()
    expect(ended.filter(({ kind }) => kind === 'resolve')).toHaveLength(20)
    expect(ended.filter(({ kind }) => kind === 'digest').length).toBeLessThanOrEqual(5)
    const over = ended.map(({ title }) => Number(/(\d+) are over/.exec(title)?.[1] ?? 1))
    expect(over.reduce((sum, count) => sum + count, 0)).toBe(causes * alertsOfCause)
  }, 60_000)
})

describe('a receiver that is spared storms', () => {
  test('is sent each notice while there are few', () => {
    open({ groupBy: ['alert'], wait: '0s' }, { notices: 2, within: '1m' })
    desk.change('a', 'firing')
    desk.change('b', 'firing')
    expect(desk.lines()).toEqual(['fire chat: errors of a', 'fire chat: errors of b'])
  })

  test('gets further ones in one summary, and those after it by themselves', () => {
    open({ groupBy: ['alert'], wait: '0s' }, { notices: 1, within: '1m' })
    for (const service of ['a', 'b', 'c']) desk.change(service, 'firing')
    desk.pass(12)
    expect(desk.lines()).toEqual([
      'fire chat: errors of a',
      'digest chat: Storm: 2 more alerts of 2 groups fired, 0 are over',
    ])
    desk.pass(60)
    desk.change('d', 'firing')
    expect(desk.lines()).toEqual(['fire chat: errors of d'])
  })

  test('hears of the end of what it was sent, and in a summary of the end of the others', () => {
    open({ groupBy: ['alert'], wait: '0s' }, { notices: 1, within: '1m' })
    for (const service of ['a', 'b']) desk.change(service, 'firing')
    desk.pass(12)
    desk.lines()
    for (const service of ['a', 'b']) desk.change(service, 'resolved', { timeMs: desk.nowMs })
    desk.pass(30)
    expect(desk.lines()).toEqual([
      'resolve chat: Resolved: errors of a',
      'digest chat: Storm: 0 more alerts of 0 groups fired, 1 are over',
    ])
  })
})
