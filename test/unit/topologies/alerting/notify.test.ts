import { afterEach, describe, expect, test } from '@jest/globals'
import type { AlertsTopologyOptions } from '../../../../fleet/alerts-worker.ts'
import type { AlertRequest, Notice, NoticesDefinition, Silence } from '../../../../src/alerts/index.ts'
import { topics } from '../../../../fleet/topics.ts'
import { json, string } from '../../../../src/index.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { AlertDesk } from './alert-desk.ts'

const definition: NoticesDefinition = {
  receivers: [{ name: 'chat' }],
  routes: [{ name: 'all', receivers: ['chat'], groupBy: ['alert'], wait: '0s', repeat: '10s', escalate: false }],
}

let desk: AlertDesk

function open(more: Partial<NoticesDefinition> = {}, options: Partial<AlertsTopologyOptions> = {}): AlertDesk {
  desk = new AlertDesk({ ...definition, ...more }, options)
  return desk
}

afterEach(() => desk.close())

describe('notices of changes', () => {
  test('are sent when an alert fires, as reminders, and when it is resolved', () => {
    open()
    desk.change('a', 'firing')
    desk.pass(25)
    desk.change('a', 'resolved', { timeMs: desk.nowMs })
    expect(desk.lines()).toEqual([
      'fire chat: errors of a',
      'repeat chat: Still: errors of a',
      'repeat chat: Still: errors of a',
      'resolve chat: Resolved: errors of a',
    ])
  })

  test('have one key from the first to the last, by which the topic is partitioned', () => {
    open()
    desk.change('a', 'firing')
    desk.change('a', 'resolved', { timeMs: desk.nowMs + 1 })
    const keys = desk.notices().map(({ dedupKey }) => dedupKey)
    expect([keys.length, new Set(keys).size]).toEqual([2, 1])
  })

  test('wait for the time of their route', () => {
    open({ routes: [{ name: 'all', receivers: ['chat'], wait: '30s', escalate: false }] })
    desk.change('a', 'firing')
    desk.pass(29)
    expect(desk.lines()).toEqual([])
    desk.change('b', 'firing')
    desk.pass(1)
    expect(desk.lines()).toEqual(['fire chat: errors of a (and 1 more)'])
  })

  test('go to the sink of their receiver, and to no other', () => {
    const receivers = [{ name: 'chat' }, { name: 'pager', minimumSeverity: 'critical' as const }]
    const routes = [{ ...definition.routes[0], receivers: ['chat', 'pager'] }] as NoticesDefinition['routes']
    const notifiers = receivers.map(({ name }) => ({ name, acknowledges: false }))
    open({ receivers, routes }, { notifiers })
    desk.change('a', 'firing')
    desk.change('b', 'firing', { severity: 'critical' })
    const sent = (name: string) => desk.driver.sinkRecords(name).map(({ value }) => (value as Notice).title)
    expect([sent('chat'), sent('pager')]).toEqual([['errors of a', 'errors of b'], ['errors of b']])
  })

  test('of a receiver without a notifier are in the log', () => {
    const logger = new RecordingLogger()
    open({}, { logger })
    desk.change('a', 'firing')
    expect(logger.at('info').map(({ message }) => message)).toEqual(['errors of a'])
  })

  test('leave no state behind when all has been over for long', () => {
    open()
    desk.change('a', 'firing')
    desk.change('a', 'resolved', { timeMs: desk.nowMs + 1 })
    desk.pass(3601)
    expect([...desk.driver.getKeyValueStore('alert-groups').all()]).toEqual([])
  })
})

describe('an acknowledgement', () => {
  const acknowledgement = (dedupKey: string) => ({ dedupKey, author: 'ann', timeMs: 0 })

  test('stops reminders', () => {
    open()
    desk.change('a', 'firing')
    const [{ dedupKey } = { dedupKey: '' }] = desk.notices()
    desk.acknowledge(acknowledgement(dedupKey))
    desk.pass(60)
    expect(desk.lines()).toEqual([])
  })

  test('is sent to a receiver that takes it', () => {
    open({}, { notifiers: [{ name: 'chat', acknowledges: true }] })
    desk.change('a', 'firing')
    const [{ dedupKey } = { dedupKey: '' }] = desk.notices()
    desk.acknowledge(acknowledgement(dedupKey))
    desk.acknowledge(acknowledgement(dedupKey))
    expect(desk.lines()).toEqual(['acknowledge chat: Acknowledged: errors of a'])
  })

  test('of what does not fire is counted, and nothing else', () => {
    open()
    desk.acknowledge(acknowledgement('all/nobody@1'))
    expect([desk.lines(), desk.counter('alert_acknowledgement:ignored')]).toEqual([[], 1])
  })
})

describe('a request', () => {
  test('is sent to those whom the notices name, once, and their end', () => {
    open({ requests: { incident: ['chat'] } })
    desk.change('a', 'firing')
    const [{ dedupKey } = { dedupKey: '' }] = desk.notices()
    const request = { request: 'incident', dedupKey, by: 'ann', timeMs: desk.nowMs } as const
    desk.ask(request)
    desk.ask(request)
    expect(desk.lines()).toEqual(['incident chat: ann asks for an incident: errors of a'])
    expect([desk.counter('alert_request:taken'), desk.counter('alert_request:ignored')]).toEqual([1, 1])
  })

  test('of another kind is refused', () => {
    open()
    const request = { request: 'dance', dedupKey: 'all/a@1', by: 'ann', timeMs: 0 }
    expect(() => desk.ask(request as unknown as AlertRequest)).toThrow('INVALID_ALERT_RECORD')
  })
})

describe('a silence', () => {
  const silence = () => ({
    id: 'one',
    match: { service: 'a' },
    author: 'ann',
    reason: 'upgrade',
    startMs: desk.nowMs,
    endMs: desk.nowMs + 60_000,
  })

  test('holds a notice back until its end', () => {
    open()
    desk.silence('one', silence())
    desk.change('a', 'firing')
    desk.change('b', 'firing')
    desk.pass(59)
    expect(desk.lines().filter((line) => line.endsWith(' a'))).toEqual([])
    desk.pass(1)
    expect(desk.lines().filter((line) => line.endsWith(' a'))).toEqual(['fire chat: errors of a'])
  })

  test('that is deleted holds nothing', () => {
    open()
    desk.silence('one', silence())
    desk.change('a', 'firing')
    desk.silence('one', null)
    desk.pass(16)
    expect(desk.lines()[0]).toBe('fire chat: errors of a')
  })

  test.each([{}, { rule: [] }, []])('that names no alert silences none: %j', (match) => {
    open()
    desk.silence('one', { ...silence(), match: match as Silence['match'] })
    desk.change('a', 'firing')
    expect([desk.lines(), desk.counter('alert_silence:unreadable')]).toEqual([['fire chat: errors of a'], 1])
  })

  test('that has ended before it began silences nothing', () => {
    open()
    desk.silence('one', { ...silence(), startMs: desk.nowMs + 60_000, endMs: desk.nowMs - 60_000 })
    desk.change('a', 'firing')
    expect(desk.lines()).toEqual(['fire chat: errors of a'])
  })

  test('that begins and ends between two looks at it changes nothing', () => {
    open()
    desk.change('a', 'firing')
    desk.silence('one', { ...silence(), startMs: desk.nowMs + 12_000, endMs: desk.nowMs + 18_000 })
    desk.pass(31)
    expect(desk.lines().filter((line) => line.startsWith('repeat'))).toHaveLength(3)
  })

  test('that cannot be read silences nothing, and is counted and logged', () => {
    const logger = new RecordingLogger()
    open({}, { logger })
    desk.silence('one', 'all of them')
    desk.change('a', 'firing')
    expect([desk.lines(), desk.counter('alert_silence:unreadable')]).toEqual([['fire chat: errors of a'], 1])
    expect(logger.at('warn').map(({ fields }) => fields.id)).toEqual(['one'])
  })
})

test('an alert that fires as the source of an inhibition silences its targets, and no others', () => {
  const inhibitions = [{ name: 'down', source: { rule: 'down' }, target: { rule: 'errors' }, equal: ['service'] }]
  open({ inhibitions })
  desk.change('a', 'firing', { rule: 'down' })
  desk.change('a', 'firing')
  desk.change('b', 'firing')
  expect(desk.lines()).toEqual(['fire chat: down of a', 'fire chat: errors of b'])
  desk.change('a', 'resolved', { rule: 'down', timeMs: desk.nowMs + 1 })
  desk.pass(16)
  expect(desk.lines()).toContain('fire chat: errors of a')
})

test('what comes in quiet hours is one digest at their end', () => {
  const quietHours = { zone: 'UTC', times: [{ from: '08:00', to: '09:01' }] }
  open({ receivers: [{ name: 'chat', quietHours }] })
  desk.change('a', 'firing')
  desk.change('b', 'firing')
  desk.change('b', 'resolved', { timeMs: desk.nowMs + 1 })
  desk.pass(75)
  expect(desk.lines()).toContain('digest chat: Quiet hours are over: 1 alert still firing, 1 came and went')
})

test('an alert for which a group has no room is counted and logged', () => {
  const logger = new RecordingLogger()
  open(
    { routes: [{ name: 'all', receivers: ['chat'], escalate: false }] },
    { logger, notifiers: [{ name: 'chat', acknowledges: false }] },
  )
  for (let number = 0; number <= 1000; number++) desk.change(`service-${number}`, 'firing')
  expect(desk.counter('alert_change:left-out')).toBe(1)
  expect(logger.at('warn').map(({ fields }) => fields.alert)).toEqual(['errors/service-1000'])
})

describe('a record that nobody can use', () => {
  const values = ['a text', 5, [], {}, null]

  function write(topic: string, key: string, value: unknown): void {
    desk.driver.createInputTopic(topic, { key: string(), value: json<unknown>() }).pipeInput(key, value, desk.nowMs)
  }

  test.each(values)('is refused as a change: %j', (value) => {
    open()
    expect(() => write(topics.alertChanges.name, 'a', value)).toThrow('INVALID_ALERT_RECORD')
  })

  test.each(values)('is refused as an acknowledgement: %j', (value) => {
    open()
    expect(() => write(topics.alertAcknowledgements.name, 'a', value)).toThrow('INVALID_ALERT_RECORD')
  })

  test.each(values)('inhibits nothing: %j', (value) => {
    open({ inhibitions: [{ name: 'down', source: { rule: 'down' }, target: {}, equal: ['service'] }] })
    write(topics.alertSources.name, '["down","a"]', value)
    desk.change('a', 'firing')
    expect(desk.lines()).toEqual(['fire chat: errors of a'])
  })

  test('is refused where one member is wrong, and named', () => {
    open()
    expect(() => desk.change('a', 'firing', { labels: { team: 5 as unknown as string } })).toThrow('its labels cannot')
  })
})

test('a row of inhibitions takes 1000 alerts, and counts those beyond', () => {
  open({ inhibitions: [{ name: 'down', source: { rule: 'down' }, target: { rule: 'errors' } }] })
  for (let number = 0; number <= 1000; number++) desk.change(`host-${number}`, 'firing', { rule: 'down' })
  expect(desk.counter('alert_source:left-out')).toBe(1)
}, 60_000)
