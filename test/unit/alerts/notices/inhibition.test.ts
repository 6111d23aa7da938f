import { describe, expect, test } from '@jest/globals'
import type { InhibitionDefinition } from '../../../../src/alerts/notices/inhibition.ts'
import { Desk, definition } from './desk.ts'

const minute = 60_000

/** The rules that are sent when an alert of each of these rules fires. */
function sent(rules: readonly string[], ...inhibitions: readonly InhibitionDefinition[]): readonly string[] {
  const desk = new Desk(definition({ inhibitions, route: { repeat: 'never' } }))
  for (const rule of rules) desk.fire('a', 'high', { rule })
  desk.pass(5 * minute)
  return [...new Set(desk.notices.flatMap(({ alerts }) => alerts.map(({ rule }) => rule)))].sort()
}

const silences = (source: string, target: string): InhibitionDefinition => ({
  name: `${source}-${target}`,
  source: { rule: source },
  target: { rule: target },
  equal: ['service'],
})

describe('inhibitions', () => {
  test('in a chain silence all but the first cause, in any order of the file', () => {
    const chain = [silences('a', 'b'), silences('b', 'c')] as const
    expect(sent(['a', 'b', 'c'], ...chain)).toEqual(['a'])
    expect(sent(['a', 'b', 'c'], ...chain.toReversed())).toEqual(['a'])
  })

  test('that silence each other leave the source of the first one', () => {
    expect(sent(['a', 'b'], silences('a', 'b'), silences('b', 'a'))).toEqual(['a'])
    expect(sent(['b'], silences('a', 'b'), silences('b', 'a'))).toEqual(['b'])
  })

  test('in a circle of three leave the source of the first one', () => {
    expect(sent(['a', 'b', 'c'], silences('b', 'c'), silences('c', 'a'), silences('a', 'b'))).toEqual(['b'])
  })

  test('by severity are no circle', () => {
    const critical = { name: 'critical', source: { severity: 'critical' }, target: { severity: '!critical' } }
    const low = { name: 'low', source: { rule: 'a' }, target: { severity: ['low', 'high'] } }
    const desk = new Desk(definition({ inhibitions: [critical, low] }))
    desk.fire('x', 'critical', { rule: 'c' })
    desk.fire('x', 'high', { rule: 'a' })
    desk.pass(minute)
    expect(desk.notices.map(({ severity }) => severity)).toEqual(['critical'])
  })
})
