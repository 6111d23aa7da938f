import { describe, expect, test } from '@jest/globals'
import type { NoticesDefinition } from '../../../../src/alerts/notices/definition.ts'
import type { Severity } from '../../../../src/alerts/severity.ts'
import { Desk, definition } from './desk.ts'

const minute = 60_000
const hour = 60 * minute

/** What was sent to whom: `00:15:30 escalate incident-commander`. */
function sent(desk: Desk): readonly string[] {
  return desk.notices.map(({ timeMs, kind, teams }) =>
    [new Date(timeMs).toISOString().slice(11, 19), kind, ...teams].join(' '),
  )
}

function deskOf(more: Parameters<typeof definition>[0] = {}): Desk {
  return new Desk(definition({ ...more, route: { escalate: true, repeat: 'never', ...more.route } }))
}

describe('an escalation', () => {
  test.each<readonly [Severity, readonly string[]]>([
    [
      'critical',
      ['00:00:30 fire security-team', '00:15:30 escalate incident-commander', '00:30:30 escalate executives'],
    ],
    ['high', ['00:00:30 fire security-team', '00:30:30 escalate operations-manager']],
    ['medium', ['00:00:30 fire operations-team', '02:00:30 escalate development-team']],
    ['low', ['00:00:30 fire development-team']],
  ])('of a %s alert asks its teams, one after the other', (severity, expected) => {
    const desk = deskOf()
    desk.fire('a', severity)
    desk.pass(6 * hour)
    expect(sent(desk)).toEqual(expected)
  })

  test('stops with an acknowledgement', () => {
    const desk = deskOf()
    desk.fire('a', 'critical')
    desk.pass(20 * minute)
    desk.acknowledge()
    desk.pass(6 * hour)
    expect(sent(desk)).toEqual(['00:00:30 fire security-team', '00:15:30 escalate incident-commander'])
  })

  test('stops when all is over, and its resolve reaches all teams that were asked', () => {
    const desk = deskOf()
    desk.fire('a', 'critical')
    desk.pass(20 * minute)
    desk.resolve('a', { severity: 'critical' })
    desk.pass(6 * hour)
    expect(sent(desk).slice(1)).toEqual([
      '00:15:30 escalate incident-commander',
      '00:20:00 resolve security-team incident-commander',
    ])
  })

  test('takes steps that were missed together', () => {
    const desk = deskOf()
    desk.fire('a', 'critical')
    desk.pass(minute)
    desk.nowMs += hour
    desk.pass(hour)
    expect(sent(desk)).toEqual(['00:00:30 fire security-team', '00:30:30 escalate incident-commander executives'])
  })

  test('begins again when the alert becomes worse', () => {
    const desk = deskOf()
    desk.fire('a', 'high')
    desk.pass(20 * minute)
    desk.fire('a', 'critical')
    desk.pass(20 * minute)
    expect(sent(desk)).toEqual([
      '00:00:30 fire security-team',
      '00:20:30 fire security-team',
      '00:35:30 escalate incident-commander',
    ])
  })

  test('does not count the time of a silence', () => {
    const desk = deskOf()
    desk.fire('a', 'high')
    desk.pass(minute)
    desk.silence({}, 2 * hour)
    desk.pass(3 * hour)
    expect(sent(desk)).toEqual(['00:00:30 fire security-team', '02:31:00 escalate operations-manager'])
  })

  test('can be switched off for a route', () => {
    const desk = deskOf({ route: { escalate: false } })
    desk.fire('a', 'critical')
    desk.pass(6 * hour)
    expect(sent(desk)).toEqual(['00:00:30 fire security-team'])
  })

  test('can be switched off for a receiver', () => {
    const desk = deskOf({ chat: { escalate: false } })
    desk.fire('a', 'critical')
    desk.pass(6 * hour)
    expect(sent(desk)).toEqual(['00:00:30 fire security-team'])
  })

  test('reaches the receivers of its steps, which hear the end, too', () => {
    const of: NoticesDefinition = {
      receivers: [{ name: 'chat' }, { name: 'phone' }],
      routes: [{ name: 'all', receivers: ['chat'], repeat: '1h' }],
      escalations: { high: [{ teams: ['ops'] }, { after: '10m', teams: ['boss'], receivers: ['phone'] }] },
    }
    const desk = new Desk(of)
    desk.fire('a')
    desk.pass(65 * minute)
    desk.pass(10 * minute)
    desk.resolve('a')
    expect(desk.lines).toEqual([
      '00:00:30 fire chat a',
      '00:10:30 escalate chat a',
      '00:10:30 escalate phone a',
      '01:10:30 repeat chat a',
      '01:10:30 repeat phone a',
      '01:15:00 resolve chat a',
      '01:15:00 resolve phone a',
    ])
  })
})
