import { expect, test } from '@jest/globals'
import { describeGroup } from '../../../../src/alerts/notices/describe.ts'
import { Desk, definition } from './desk.ts'

const minute = 60_000
const hour = 60 * minute

/** The times of day at which the only group will send. */
function upcoming(desk: Desk): readonly string[] {
  return Object.values(description(desk).upcoming)
    .flat()
    .map(({ kind, timeMs }) => `${new Date(timeMs).toISOString().slice(11, 19)} ${kind}`)
}

function description(desk: Desk) {
  const [state] = [...desk.states.values()]
  if (state === undefined) throw new Error('no group')
  return describeGroup(desk.plan, state, desk.nowMs, desk.suppressors)
}

test('the next three notices are those that come', () => {
  const desk = new Desk(definition({ route: { escalate: true, repeat: '7m' } }))
  desk.fire('a', 'critical')
  desk.pass(minute)
  const expected = upcoming(desk)
  desk.pass(hour)
  expect(expected).toEqual(['00:07:30 repeat', '00:14:30 repeat', '00:15:30 escalate'])
  expect(desk.lines.slice(1, 4)).toEqual(expected.map((line) => `${line} chat a`))
})

test('quiet hours have a digest at their end, and reminders after it', () => {
  const quietHours = { zone: 'UTC', times: [{ from: '22:00', to: '07:00' }] }
  const desk = new Desk(definition({ chat: { quietHours }, route: { repeat: '30m' } }), '2026-01-10T23:00:00Z')
  desk.fire('a')
  expect(upcoming(desk)).toEqual(['07:00:00 digest', '07:30:00 repeat', '08:00:00 repeat'])
})

test('a silence has the first notice at its end', () => {
  const desk = new Desk(definition({ route: { repeat: 'never' } }))
  desk.silence({}, 2 * hour)
  desk.fire('a')
  expect(upcoming(desk)).toEqual(['02:00:00 fire'])
})

test('describing changes nothing', () => {
  const desk = new Desk(definition())
  desk.fire('a')
  const before = JSON.stringify([...desk.states.values()])
  description(desk)
  expect(JSON.stringify([...desk.states.values()])).toBe(before)
})

test('a suppressed alert says why, and an acknowledged group says who', () => {
  const desk = new Desk(definition())
  desk.fire('a')
  desk.fire('b')
  desk.pass(minute)
  desk.silence({ service: 'a' }, hour)
  desk.acknowledge()
  const { alerts, acknowledgedBy } = description(desk)
  expect(alerts).toEqual([
    { key: 'errors/a', suppression: { reason: 'silenced', by: 's0', untilMs: desk.nowMs + hour } },
    { key: 'errors/b', suppression: null },
  ])
  expect(acknowledgedBy).toBe('ann')
})
