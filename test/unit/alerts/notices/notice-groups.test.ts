import { describe, expect, test } from '@jest/globals'
import { isForgettable } from '../../../../src/alerts/notices/group-state.ts'
import { Desk, definition } from './desk.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute

describe('a group of alerts', () => {
  test('is sent once, after its wait, with all that began meanwhile', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.pass(10 * second)
    desk.fire('b')
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat a b'])
  })

  test('sends alerts that join it after its interval', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.pass(minute)
    desk.fire('b')
    desk.pass(hour)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '00:05:30 fire chat a b'])
  })

  test('resolves when all alerts are over, with the key of its firing', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.fire('b')
    desk.pass(minute)
    desk.resolve('a')
    desk.pass(minute)
    desk.resolve('b')
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat a b', '00:02:00 resolve chat b'])
    expect(new Set(desk.notices.map(({ dedupKey }) => dedupKey)).size).toBe(1)
  })

  test('is not sent at all when it is over before its wait', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.pass(10 * second)
    desk.resolve('a')
    desk.pass(hour)
    expect(desk.lines).toEqual([])
  })

  test('that fires again is another episode with a key of its own', () => {
    const desk = new Desk(definition())
    for (let round = 0; round < 2; round++) {
      desk.fire('a')
      desk.pass(minute)
      desk.resolve('a')
      desk.pass(hour)
    }
    expect(desk.notices.map(({ kind }) => kind)).toEqual(['fire', 'resolve', 'fire', 'resolve'])
    expect(new Set(desk.notices.map(({ dedupKey }) => dedupKey)).size).toBe(2)
  })

  test('does not wait for the interval when an alert becomes worse than all before', () => {
    const desk = new Desk(definition())
    desk.fire('a', 'low')
    desk.pass(minute)
    desk.fire('a', 'critical')
    desk.pass(minute)
    expect(desk.notices.map(({ severity, timeMs }) => [severity, timeMs])).toEqual([
      ['low', 30_000],
      ['critical', 90_000],
    ])
  })

  test('says nothing new when an alert becomes less bad, or has no data', () => {
    const desk = new Desk(definition())
    desk.fire('a', 'critical')
    desk.pass(minute)
    desk.fire('a', 'low')
    desk.fire('a', 'low', { status: 'no-data', timeMs: desk.nowMs + 1 })
    desk.pass(hour)
    expect(desk.lines).toEqual(['00:00:30 fire chat a'])
  })

  test('ignores a change that comes again after later ones', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.pass(minute)
    desk.resolve('a')
    desk.pass(minute)
    desk.fire('a', 'high', { startMs: 0, timeMs: 0 })
    desk.pass(hour)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '00:01:00 resolve chat a'])
  })

  test('is forgotten some time after it is over', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.resolve('a', { timeMs: 1 })
    desk.pass(2 * hour)
    expect([...desk.states.values()].map(({ alerts, wakeMs }) => ({ alerts, wakeMs }))).toEqual([
      { alerts: {}, wakeMs: null },
    ])
  })

  test('keeps 1000 alerts and says that it left out one', () => {
    const desk = new Desk(definition())
    for (let index = 0; index < 1000; index++) desk.fire(`s${index}`)
    const [state] = [...desk.states.values()]
    if (state === undefined) throw new Error('no state')
    desk.pass(minute)
    desk.fire('one-more')
    expect(Object.keys(state.alerts)).toHaveLength(1000)
    expect(desk.notices.map(({ alertCount, alerts }) => [alertCount, alerts.length])).toEqual([[1000, 20]])
  })
})

describe('a group with more alerts than it keeps', () => {
  const perRule = { route: { wait: '0s', interval: '0s', repeat: 'never' } } as const

  function storm(count: number, name: (index: number) => string = (index) => `s${index}`): Desk {
    const desk = new Desk(definition({ ...perRule, flapping: 'off' }))
    for (let index = 0; index < count; index++) desk.fire(name(index))
    desk.pass(second)
    return desk
  }

  const kinds = (desk: Desk) => new Set(desk.notices.map(({ kind }) => kind))

  test('has room for a new one as soon as one of them is over', () => {
    const desk = storm(1000)
    for (let index = 0; index < 1000; index++) desk.resolve(`s${index}`, { timeMs: desk.nowMs + 1 })
    desk.pass(minute)
    desk.fire('new')
    desk.pass(minute)
    expect(desk.lines.at(-1)).toContain('fire chat new')
  })

  test('is not resolved while one fires that it has no room for', () => {
    const desk = storm(3000)
    for (let index = 0; index < 2999; index++) desk.resolve(`s${index}`, { timeMs: desk.nowMs + 1 })
    desk.pass(2 * hour)
    expect(kinds(desk)).toEqual(new Set(['fire']))
    desk.resolve('s2999', { timeMs: desk.nowMs })
    desk.pass(second)
    expect(desk.lines.at(-1)).toMatch(/resolve chat s\d+$/)
  })

  test('leaves nothing behind when all are over', () => {
    const desk = storm(1100)
    for (let index = 0; index < 1100; index++) desk.resolve(`s${index}`, { timeMs: desk.nowMs + 1 })
    desk.pass(2 * hour)
    expect([...desk.states.values()].map(isForgettable)).toEqual([true])
  })

  test('keeps fewer of them where their names are long: its state fits in a record', () => {
    const desk = storm(1000, (index) => `${index}`.padEnd(1000, '\u65e5'))
    const bytes = Buffer.byteLength(JSON.stringify([...desk.states.values()]))
    expect([bytes > 1_000_000, bytes < 8 * 1024 * 1024]).toEqual([true, true])
  })
})

test('a storm of 10,000 alerts with 20 causes is 20 notices', () => {
  const desk = new Desk(definition())
  for (let index = 0; index < 10_000; index++) {
    const rule = `rule-${index % 20}`
    desk.fire(`s${index}`, 'high', { rule, key: `${rule}/s${index}` })
  }
  desk.pass(minute)
  expect(desk.notices.map(({ kind, alertCount }) => `${kind} ${alertCount}`)).toEqual(Array(20).fill('fire 500'))
})

describe('a reminder', () => {
  test('comes at exactly its interval, whatever the interval of the group', () => {
    const desk = new Desk(definition({ route: { repeat: '7m', interval: '5m' } }))
    desk.fire('a')
    desk.pass(30 * minute)
    expect(desk.lines).toEqual([
      '00:00:30 fire chat a',
      '00:07:30 repeat chat a',
      '00:14:30 repeat chat a',
      '00:21:30 repeat chat a',
      '00:28:30 repeat chat a',
    ])
  })

  test('is not made up for after a pause, and keeps its beat', () => {
    const desk = new Desk(definition({ route: { repeat: '10m' } }))
    desk.fire('a')
    desk.pass(minute)
    desk.nowMs += 25 * minute
    desk.pass(10 * minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '00:20:30 repeat chat a', '00:30:30 repeat chat a'])
  })

  test('comes again within its interval when the clock was set back', () => {
    const desk = new Desk(definition({ route: { repeat: '10m' } }), '2026-01-10T12:00:00Z')
    desk.fire('a')
    desk.pass(minute)
    desk.nowMs -= 6 * hour
    desk.pass(21 * minute)
    expect(desk.lines).toEqual(['12:00:30 fire chat a', '06:11:01 repeat chat a', '06:21:01 repeat chat a'])
  })

  test('never comes where a route says so', () => {
    const desk = new Desk(definition({ route: { repeat: 'never' } }))
    desk.fire('a')
    desk.pass(24 * hour)
    expect(desk.lines).toEqual(['00:00:30 fire chat a'])
  })

  test('a receiver that takes acknowledgements is sent the first of them', () => {
    const desk = new Desk(definition({ route: { repeat: '5m' } }), 0, ['chat'])
    desk.fire('a')
    desk.pass(6 * minute)
    desk.acknowledge()
    desk.acknowledge()
    desk.pass(20 * minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '00:05:30 repeat chat a', '00:06:00 acknowledge chat a'])
  })

  test('stops with an acknowledgement, and comes for the next episode', () => {
    const desk = new Desk(definition({ route: { repeat: '1h' } }))
    desk.fire('a')
    desk.pass(minute)
    desk.acknowledge()
    desk.pass(3 * hour)
    desk.resolve('a')
    desk.fire('a', 'high', { timeMs: desk.nowMs + 1 })
    desk.pass(90 * minute)
    expect(desk.notices.map(({ kind }) => kind)).toEqual(['fire', 'resolve', 'fire', 'repeat'])
  })
})

describe('a receiver', () => {
  test('is not sent what is below its severity', () => {
    const desk = new Desk(definition({ chat: { minimumSeverity: 'high' } }))
    desk.fire('a', 'medium')
    desk.fire('b', 'high')
    desk.pass(minute)
    desk.resolve('b')
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat b', '00:01:00 resolve chat b'])
  })

  test.each(['fire', 'repeat', 'resolve'] as const)('can switch off %s, and all else stays as it is', (kind) => {
    const run = (isOn: boolean) => {
      const desk = new Desk(definition({ chat: { [kind]: isOn }, route: { repeat: '10m' } }))
      desk.fire('a')
      desk.pass(15 * minute)
      desk.resolve('a')
      desk.pass(minute)
      return desk.lines
    }
    expect(run(false)).toEqual(run(true).filter((line) => !line.includes(kind)))
  })

  test('that was sent nothing of an alert hears no resolve', () => {
    const desk = new Desk(definition({ chat: { fire: false, repeat: false } }))
    desk.fire('a')
    desk.pass(minute)
    desk.resolve('a')
    desk.pass(minute)
    expect(desk.lines).toEqual([])
  })
})

describe('a silence', () => {
  test('holds back what begins in it, until its end', () => {
    const desk = new Desk(definition())
    desk.silence({ service: 'a' }, hour)
    desk.fire('a')
    desk.pass(2 * hour)
    expect(desk.lines).toEqual(['01:00:00 fire chat a'])
  })

  test('never holds back the resolve of what was sent before', () => {
    const desk = new Desk(definition())
    desk.fire('a')
    desk.pass(minute)
    desk.silence({ service: 'a' }, hour)
    desk.pass(minute)
    desk.resolve('a')
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '00:02:00 resolve chat a'])
  })

  test('leaves no resolve of what began and ended in it', () => {
    const desk = new Desk(definition())
    desk.silence({ service: 'a' }, hour)
    desk.fire('a')
    desk.pass(minute)
    desk.resolve('a')
    desk.pass(2 * hour)
    expect(desk.lines).toEqual([])
  })

  test('of one alert leaves the others of its group, which resolve by themselves', () => {
    const desk = new Desk(definition())
    desk.silence({ service: 'a' }, 24 * hour)
    desk.fire('a')
    desk.fire('b')
    desk.pass(minute)
    desk.resolve('b')
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat b', '00:01:00 resolve chat b'])
  })

  test('leaves out reminders and keeps their beat', () => {
    const desk = new Desk(definition({ route: { repeat: '20m' } }))
    desk.fire('a')
    desk.pass(minute)
    desk.silence({ service: 'a' }, 30 * minute)
    desk.pass(hour)
    expect(desk.lines).toEqual(['00:00:30 fire chat a', '00:40:30 repeat chat a', '01:00:30 repeat chat a'])
  })
})

describe('an inhibition', () => {
  const inhibitions = [
    { name: 'down', source: { rule: 'down' }, target: { severity: ['low', 'high'] }, equal: ['service'] },
  ]

  test('holds back targets while their source fires', () => {
    const desk = new Desk(definition({ inhibitions }))
    desk.fire('a', 'critical', { rule: 'down', key: 'down/a' })
    desk.fire('a')
    desk.fire('b')
    desk.pass(minute)
    desk.resolve('a', { rule: 'down', key: 'down/a' })
    desk.pass(10 * minute)
    expect(desk.lines).toEqual([
      '00:00:30 fire chat a',
      '00:00:30 fire chat b',
      '00:01:00 resolve chat a',
      '00:05:30 fire chat a b',
    ])
  })

  test('does not hold back a source by itself or by another', () => {
    const desk = new Desk(
      definition({ inhibitions: [{ name: 'all', source: { rule: 'errors' }, target: {}, equal: [] }] }),
    )
    desk.fire('a')
    desk.fire('b')
    desk.pass(minute)
    expect(desk.lines).toEqual(['00:00:30 fire chat a b'])
  })
})

describe('an alert that comes and goes', () => {
  function wave(halfMs: number, rounds: number): Desk {
    const desk = new Desk(definition({ route: { repeat: '5m' } }))
    for (let round = 0; round < rounds; round++) {
      desk.fire('a')
      desk.pass(halfMs)
      desk.resolve('a')
      desk.pass(halfMs)
    }
    return desk
  }

  test('every two minutes for hours is sent twice, then as flapping once, and resolved once when it has settled', () => {
    const desk = wave(2 * minute, 100)
    desk.pass(hour)
    expect(desk.lines).toEqual([
      '00:00:30 fire chat a',
      '00:02:00 resolve chat a',
      '00:04:30 fire chat a',
      '00:06:00 flapping chat a',
      '06:56:00 resolve chat a',
    ])
  })

  test('every ten seconds is sent once, as flapping', () => {
    const desk = wave(10 * second, 300)
    expect(desk.notices.map(({ kind }) => kind)).toEqual(['flapping'])
  })

  test('every twenty minutes is sent each time', () => {
    const desk = wave(20 * minute, 3)
    expect(desk.notices.filter(({ kind }) => kind === 'fire' || kind === 'resolve')).toHaveLength(6)
  })

  test('and settles while it fires is sent as firing, with the key of its flapping', () => {
    const desk = wave(10 * second, 30)
    desk.fire('a')
    desk.pass(20 * minute)
    expect(desk.notices.map(({ kind }) => kind)).toEqual(['flapping', 'fire'])
    expect(new Set(desk.notices.map(({ dedupKey }) => dedupKey)).size).toBe(1)
  })

  test('is sent each time where flapping is off', () => {
    const desk = new Desk(definition({ flapping: 'off' }))
    for (let round = 0; round < 20; round++) {
      desk.fire('a')
      desk.pass(minute)
      desk.resolve('a')
      desk.pass(minute)
    }
    expect(desk.notices).toHaveLength(40)
  })
})
