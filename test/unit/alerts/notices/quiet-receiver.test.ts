import { describe, expect, test } from '@jest/globals'
import type { ReceiverQuietHours } from '../../../../src/alerts/notices/definition.ts'
import { Desk, definition } from './desk.ts'

const minute = 60_000
const hour = 60 * minute
const night = { zone: 'UTC', times: [{ from: '22:00', to: '07:00' }] } as const

/** At 21:00 of a day in January. */
function evening(quietHours: ReceiverQuietHours = night, more: Parameters<typeof definition>[0] = {}): Desk {
  return new Desk(
    definition({ ...more, chat: { quietHours }, route: { repeat: '4h', ...more.route } }),
    '2026-01-10T21:00:00Z',
  )
}

describe('a receiver in its quiet hours', () => {
  test('gets one digest at their end, of all groups that still fire', () => {
    const desk = evening(night, { route: { groupBy: ['alert'] } })
    desk.pass(2 * hour)
    desk.fire('a')
    desk.fire('b', 'low')
    desk.fire('c')
    desk.pass(hour)
    desk.resolve('c')
    desk.pass(8 * hour)
    expect(desk.lines).toEqual(['07:00:00 digest chat a b'])
    expect(desk.notices[0]).toMatchObject({
      title: 'Quiet hours are over: 2 alerts still firing, 1 came and went',
      severity: 'high',
      alertCount: 2,
    })
  })

  test('gets a digest without the alerts of a group that are over, and with their number', () => {
    const desk = evening()
    desk.pass(2 * hour)
    desk.fire('a')
    desk.fire('b')
    desk.pass(hour)
    desk.resolve('a')
    desk.pass(8 * hour)
    expect(desk.lines).toEqual(['07:00:00 digest chat b'])
    expect(desk.notices[0]?.title).toBe('Quiet hours are over: 1 alert still firing, 1 came and went')
  })

  test('gets no digest after a quiet night', () => {
    const desk = evening()
    desk.pass(24 * hour)
    expect(desk.lines).toEqual([])
  })

  test('gets what passes at once', () => {
    const desk = evening()
    desk.pass(2 * hour)
    desk.fire('a', 'critical')
    desk.pass(minute)
    expect(desk.lines).toEqual(['23:00:30 fire chat a'])
  })

  test('gets nothing at all where nothing passes', () => {
    const desk = evening({ ...night, passes: 'none' })
    desk.pass(2 * hour)
    desk.fire('a', 'critical')
    desk.pass(hour)
    expect(desk.lines).toEqual([])
  })

  test('gets an alert that becomes bad enough to pass, and a resolve for it', () => {
    const desk = evening()
    desk.pass(2 * hour)
    desk.fire('a')
    desk.pass(hour)
    desk.fire('a', 'critical')
    desk.pass(hour)
    desk.resolve('a')
    desk.pass(8 * hour)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '01:00:00 resolve chat a'])
  })

  test('gets no reminders, and after them at the beat of the evening', () => {
    const desk = evening()
    desk.fire('a')
    desk.pass(14 * hour)
    expect(desk.lines).toEqual(['21:00:30 fire chat a', '09:00:30 repeat chat a'])
  })

  test('gets the resolve of what was sent before at once, with its key', () => {
    const desk = evening()
    desk.fire('a')
    desk.pass(3 * hour)
    desk.resolve('a')
    desk.pass(12 * hour)
    expect(desk.lines).toEqual(['21:00:30 fire chat a', '00:00:00 resolve chat a'])
    expect(desk.notices[1]?.dedupKey).toBe(desk.notices[0]?.dedupKey)
  })

  test('is reminded an interval after the digest, and hears the end of what the digest said', () => {
    const desk = evening()
    desk.pass(2 * hour)
    desk.fire('a')
    desk.pass(13 * hour)
    desk.resolve('a')
    desk.pass(hour)
    expect(desk.lines).toEqual(['07:00:00 digest chat a', '11:00:00 repeat chat a', '12:00:00 resolve chat a'])
  })

  test('hears the end of what only the digest said', () => {
    const desk = evening()
    desk.pass(2 * hour)
    desk.fire('a')
    desk.pass(9 * hour)
    desk.resolve('a')
    desk.pass(hour)
    expect(desk.lines).toEqual(['07:00:00 digest chat a', '08:00:00 resolve chat a'])
  })

  test('hears in the next night the end of what a digest said, also when it became worse meanwhile', () => {
    const desk = evening(night, { route: { repeat: 'never' } })
    desk.pass(2 * hour)
    desk.fire('a', 'low')
    desk.pass(24 * hour)
    desk.fire('a', 'medium')
    desk.pass(hour)
    desk.resolve('a')
    desk.pass(24 * hour)
    expect(desk.lines).toEqual(['07:00:00 digest chat a', '00:00:00 resolve chat a'])
  })

  test('of incidents gets each alert that still fires by itself at their end', () => {
    const desk = evening({ ...night, atEnd: 'fire' }, { route: { groupBy: ['alert'] } })
    desk.pass(2 * hour)
    desk.fire('a')
    desk.fire('b')
    desk.pass(hour)
    desk.resolve('b')
    desk.pass(8 * hour)
    expect(desk.lines).toEqual(['07:00:00 fire chat a'])
  })

  test('starts the escalation at their end', () => {
    const desk = evening(night, { route: { escalate: true, repeat: 'never' } })
    desk.pass(2 * hour)
    desk.fire('a')
    desk.pass(12 * hour)
    expect(desk.lines).toEqual(['07:00:00 digest chat a', '07:30:00 escalate chat a'])
  })
})

test('a night of 1000 groups of alerts with long examples is a state that fits in a record', () => {
  const desk = evening(night, { route: { groupBy: ['alert'], repeat: 'never' } })
  const examples = ['a', 'b', 'c'].map((line) => line.repeat(1000))
  desk.pass(2 * hour)
  for (let index = 0; index < 1000; index++) desk.fire(`s${index}`, 'high', { examples })
  desk.pass(minute)
  const [state] = [...desk.digestStates.values()]
  expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(1024 * 1024)
  desk.pass(12 * hour)
  expect(desk.notices.map(({ kind, alertCount, alerts }) => [kind, alertCount, alerts.length])).toEqual([
    ['digest', 1000, 20],
  ])
})

describe('one digest comes', () => {
  test.each([
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T05:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T06:00:00.000Z'],
    ['America/New_York', '2026-03-07T12:00:00Z', '2026-03-08T11:00:00.000Z'],
    ['America/New_York', '2026-10-31T12:00:00Z', '2026-11-01T12:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-04T06:00:00Z', '2026-04-04T20:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-03T06:00:00Z', '2026-10-03T20:00:00.000Z'],
  ])('in %s after the night on which clocks change, from %s', (zone, start, end) => {
    const chat = { quietHours: { zone, times: [{ from: '22:00', to: '07:00' }] } }
    const desk = new Desk(definition({ chat, route: { groupBy: ['alert'], repeat: 'never' } }), start)
    for (let round = 0; round < 25 * 6; round++) {
      const isNight = desk.plan.receivers.get('chat')?.quiet?.hours.endMs(desk.nowMs)
      if (isNight) desk.fire(`s${round}`)
      desk.pass(10 * minute)
    }
    const digests = desk.notices.map(({ kind, timeMs }) => `${kind} ${new Date(timeMs).toISOString()}`)
    expect(digests).toEqual([`digest ${end}`])
  })
})
