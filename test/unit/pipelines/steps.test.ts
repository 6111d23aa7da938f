import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookupDatabase } from '../../../bench/parsing/lookup-database.ts'
import { compileStep } from '../../../src/pipelines/compile-steps.ts'
import type { StepDefinition } from '../../../src/pipelines/definition.ts'
import { ExactNumber, type Fields, newFields } from '../../../src/pipelines/field-value.ts'
import { fieldsText } from '../../../src/pipelines/fields-text.ts'
import { LogEvent } from '../../../src/pipelines/log-event.ts'
import { pipeline } from '../../../src/pipelines/pipeline.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)

function eventOf(fields: object, source = 'web-1', atMs = receivedMs): LogEvent {
  const event = new LogEvent('line', atMs, source)
  Object.assign(event.fields, fields)
  return event
}

/** What a step makes of the fields; `dropped` where it ends the event. */
function after(definition: StepDefinition, fields: object): Fields | string {
  const event = eventOf(fields)
  const result = compileStep(definition, []).step.apply(event)
  return result === 'next' ? Object.assign(newFields(), event.fields) : result
}

describe('mutate', () => {
  test.each<readonly [string, StepDefinition['mutate'], object, object]>([
    [
      'sets values, also from other fields',
      { set: { team: 'of %{service}', n: 1 } },
      { service: 's' },
      { service: 's', team: 'of s', n: 1 },
    ],
    ['renames', { rename: { usr: 'user.name' } }, { usr: 'ann' }, { user: { name: 'ann' } }],
    ['renames a name with a dot to members', { rename: { 'a.b': '[a][b]' } }, { 'a.b': 1 }, { a: { b: 1 } }],
    ['leaves what is not there', { rename: { usr: 'user' } }, { a: 1 }, { a: 1 }],
    ['copies', { copy: { a: 'b' } }, { a: 1 }, { a: 1, b: 1 }],
    ['removes one and several', { remove: ['a', 'b.c'] }, { a: 1, b: { c: 1, d: 2 } }, { b: { d: 2 } }],
    ['converts to numbers', { convert: { a: 'number' } }, { a: '12.5' }, { a: 12.5 }],
    ['keeps what is no number', { convert: { a: 'number' } }, { a: 'much' }, { a: 'much' }],
    ['converts to text', { convert: { a: 'text' } }, { a: 12 }, { a: '12' }],
    ['converts to truth', { convert: { a: 'boolean', b: 'boolean' } }, { a: 'yes', b: '0' }, { a: true, b: false }],
    ['writes small and large letters', { lowercase: 'a', uppercase: ['b'] }, { a: 'X', b: 'y' }, { a: 'x', b: 'Y' }],
    ['replaces by an expression', { gsub: { a: ['(\\d)-', '<$1>'] } }, { a: '1-2-' }, { a: '<1><2>' }],
    ['splits and trims', { split: { a: ',' }, trim: 'a' }, { a: 'x, y' }, { a: ['x', 'y'] }],
    ['sets lists', { set: { a: ['x', '%{b}'] } }, { b: 'y' }, { a: ['x', 'y'], b: 'y' }],
    ['adds to what is there', { add: { a: 'y', b: ['z'] } }, { a: 'x' }, { a: ['x', 'y'], b: ['z'] }],
    ['merges lists', { merge: { a: 'b' } }, { a: ['x'], b: ['y'] }, { a: ['x', 'y'], b: ['y'] }],
    ['merges objects', { merge: { a: 'b' } }, { a: { x: 1 }, b: { y: 2 } }, { a: { x: 1, y: 2 }, b: { y: 2 } }],
    ['writes a large letter first', { capitalize: 'a' }, { a: 'wARN' }, { a: 'Warn' }],
    ['takes tags of the log away', { untag: ['b'] }, { tags: ['a', 'b'] }, { tags: ['a'] }],
    ['joins', { join: { a: '-' } }, { a: ['x', 1] }, { a: 'x-1' }],
    ['applies its parts in order', { rename: { a: 'b' }, set: { a: 'new %{b}' } }, { a: 'x' }, { b: 'x', a: 'new x' }],
  ])('%s', (_, options, fields, expected) => {
    expect(JSON.parse(JSON.stringify(after({ mutate: options as object }, fields)))).toEqual(expected)
  })

  test('copies numbers of an object as they were written', () => {
    const number = new ExactNumber('12345678901234567890')
    const fields = after({ mutate: { copy: { a: 'b' } } }, { a: Object.assign(newFields(), { number }) }) as Fields
    expect(fieldsText(fields)).toBe('{"a":{"number":12345678901234567890},"b":{"number":12345678901234567890}}')
    expect(fields.b).not.toBe(fields.a)
  })

  test('splits into at most 10,000 parts, of which the last holds the rest', () => {
    const { a } = after({ mutate: { split: { a: ',' } } }, { a: 'x,'.repeat(10_001) }) as { a: readonly string[] }
    expect([a.length, a[0], a.at(-1)]).toEqual([10_000, 'x', 'x,x,'])
  })

  test('takes tags of earlier steps away', () => {
    const event = eventOf({})
    compileStep({ mutate: { tag: ['a', 'b'], untag: 'a' } }, []).step.apply(event)
    expect(event.tags).toEqual(['b'])
  })

  test('tags what cannot be converted', () => {
    const event = eventOf({ a: 'much' })
    compileStep({ mutate: { convert: { a: 'number' } } }, []).step.apply(event)
    expect(event.tags).toEqual(['_convert_failure'])
  })
})

test('json reads the text of a field, with its members as fields or below one', () => {
  const fields = { message: '{"a":12345678901234567890}' }
  expect(JSON.stringify(Object.keys(after({ json: {} }, fields) as Fields))).toBe('["a"]')
  expect(after({ json: { into: 'x', keep: true } }, { message: '[1]' })).toMatchObject({ message: '[1]', x: [1] })
  expect(after({ json: {} }, { message: 'no json' })).toBe('failed')
})

test('translate looks up in its table, and has a value for the rest', () => {
  const translate = { field: 'code', into: 'meaning', table: { 1: 'one' }, otherwise: 'many' }
  expect(after({ translate }, { code: 1 })).toMatchObject({ meaning: 'one' })
  expect(after({ translate }, { code: 7 })).toMatchObject({ meaning: 'many' })
})

test('translate takes the first expression that matches, and leaves what is there where it is asked to', () => {
  const translate = { field: 'code', into: 'meaning', table: { '^5': 'bad', '\\d': 'number' }, expressions: true }
  expect(after({ translate }, { code: 503 })).toMatchObject({ meaning: 'bad' })
  expect(after({ translate }, { code: 204 })).toMatchObject({ meaning: 'number' })
  expect(after({ translate: { ...translate, keep: true } }, { code: 503, meaning: 'own' })).toMatchObject({
    meaning: 'own',
  })
})

test('translate names an expression that is none', () => {
  const translate = { field: 'code', into: 'meaning', table: { '(': 'bad' }, expressions: true }
  expect(() => compileStep({ translate }, [])).toThrow('the expression ( cannot be read')
})

test.each([
  ['10.1.2.3', 'office'],
  ['2001:db8::1', 'lab'],
  ['192.0.2.1', undefined],
  ['no address', undefined],
])('cidr names the network of %s: %s', (ip, expected) => {
  const cidr = { networks: { office: ['10.0.0.0/8'], lab: ['2001:db8::/32'] }, into: 'network' }
  expect((after({ cidr }, { ip }) as Fields).network).toBe(expected)
})

test.each(['', '- one\n', 'one'])('translate refuses a file that holds %j: it is no table', (text) => {
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
  const file = join(folder, 'table.yaml')
  writeFileSync(file, text)
  const translate = { field: 'code', into: 'meaning', file }
  expect(() => compileStep({ translate }, [])).toThrow('the table is empty: write names with their values')
  rmSync(folder, { recursive: true })
})

test('cidr names a network that is none', () => {
  const definition = { cidr: { networks: { office: ['10.0.0.0/99'] }, into: 'network' } }
  expect(() => compileStep(definition, [])).toThrow('10.0.0.0/99 is no network: write 0 to 32 after the slash')
})

describe('geoip', () => {
  const database = lookupDatabase()

  test.each([
    ['203.0.113.9', { country: 'DE', city: 'Berlin', location: { lat: 52.52, lon: 13.405 } }],
    ['10.1.2.3', undefined],
    ['2001:db8::1', undefined],
    ['no address', undefined],
  ])('of %s writes %j', (ip, expected) => {
    const { geo } = after({ geoip: { database } }, { ip }) as Fields
    expect(geo === undefined ? undefined : JSON.parse(JSON.stringify(geo))).toEqual(expected)
  })

  test('of an IPv6 address writes its place, from a database that knows such networks', () => {
    const ofIpv6 = { geoip: { database: lookupDatabase('city-of-ipv6') } }
    expect(after(ofIpv6, { ip: '2001:db8::17' })).toMatchObject({ geo: { country: 'DE', city: 'Berlin' } })
    expect(after(ofIpv6, { ip: '2001:db9::17' })).toEqual({ ip: '2001:db9::17' })
  })

  test('of autonomous systems writes number and organization', () => {
    const system = { number: 64_496, organization: 'Example' }
    const steps = { geoip: { database: lookupDatabase('systems'), into: 'source.as' } }
    expect(after(steps, { ip: '203.0.113.9' })).toMatchObject({ source: { as: system } })
    expect(after({ geoip: { database: lookupDatabase('systems') } }, { ip: '203.0.113.9' })).toMatchObject({
      as: system,
    })
  })

  test('names a database that is not there when the pipeline is loaded', () => {
    expect(() => compileStep({ geoip: { database: '/nowhere.mmdb' } }, [])).toThrow(
      /the database \/nowhere\.mmdb cannot be read \(.*\): name a file that the worker can read/,
    )
  })
})

test('fingerprint is equal for equal fields only, and another one with a key', () => {
  const hashOf = (fields: object, key?: string) =>
    (after({ fingerprint: { fields: ['a', 'b'], ...(key !== undefined && { key }) } }, fields) as Fields).eventId
  expect(hashOf({ a: 'ab', b: 'c' })).toBe(hashOf({ a: 'ab', b: 'c', other: 1 }))
  expect(hashOf({ a: 'ab', b: 'c' })).not.toBe(hashOf({ a: 'a', b: 'bc' }))
  expect(hashOf({ a: 'ab', b: 'c' })).not.toBe(hashOf({ a: 'ab', b: 'c' }, 'key'))
})

test.each([[{}], [{ order: {} }], [{ order: { id: null } }], [{ order: { id: '' } }]])(
  'fingerprint gives %j no id: all such events would have the same',
  (fields) => {
    const event = eventOf({ ...fields, service: 'shop' })
    const { step } = compileStep({ fingerprint: { fields: ['service', 'order.id'] } }, [])
    expect([step.apply(event), event.fields.eventId]).toEqual(['failed', undefined])
  },
)

test('truncate cuts between characters and tags', () => {
  expect(after({ truncate: { field: 'message', length: 3 } }, { message: 'ab😀' })).toMatchObject({ message: 'ab' })
})

test('date reads the first pattern that fits, in the zone of its source', () => {
  const date = { field: 't', patterns: ['dd.MM.yyyy HH:mm:ss'], zones: { 'web-1': 'Europe/Berlin' } }
  expect(after({ date }, { t: '24.11.2026 09:00:00' })).toMatchObject({ timestamp: receivedMs })
  expect(after({ date }, { t: 'yesterday' })).toBe('failed')
})

test('route writes the first route whose condition is met', () => {
  const route = { urgent: "level == 'error'", rest: 'exists(level)' }
  expect(after({ route }, { level: 'error' })).toMatchObject({ route: 'urgent' })
  expect(after({ route }, { level: 'info' })).toMatchObject({ route: 'rest' })
})

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    'Chrome',
    '130.0',
    'Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox', '132.0', 'Linux'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1',
    'Safari',
    '17.6',
    'iOS',
  ],
  ['curl/8.5.0', 'curl', '8.5', undefined],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', '2.1', undefined],
])('useragent reads %s', (text, name, version, system) => {
  const { userAgent } = after({ useragent: { field: 'ua' } }, { ua: text }) as { userAgent: Fields }
  expect([userAgent.name, userAgent.version, (userAgent.os as Fields | undefined)?.name]).toEqual([
    name,
    version,
    system,
  ])
})

describe('sample', () => {
  test('keeps one of so many, and every error', () => {
    const { step } = compileStep({ sample: { oneIn: 3 } }, [])
    const kept = (level: string) => step.apply(eventOf({ level })) === 'next'
    expect(Array.from({ length: 6 }, () => kept('info'))).toEqual([true, false, false, true, false, false])
    expect(Array.from({ length: 3 }, () => kept('error'))).toEqual([true, true, true])
  })

  test('keeps or removes all events of a key', () => {
    const { step } = compileStep({ sample: { oneIn: 2, key: '%{traceId}' } }, [])
    for (const traceId of ['a', 'b', 'c', 'd']) {
      const results = new Set(Array.from({ length: 5 }, () => step.apply(eventOf({ traceId }))))
      expect(results.size).toBe(1)
    }
  })

  test('keeps one of so many of the events that lack a field of the key', () => {
    const { step } = compileStep({ sample: { oneIn: 3, key: '%{service}-%{traceId}' } }, [])
    const results = Array.from({ length: 6 }, () => step.apply(eventOf({ service: 'shop' })))
    expect(results).toEqual(['next', 'dropped', 'dropped', 'next', 'dropped', 'dropped'])
  })
})

describe('throttle', () => {
  const minuteMs = 60_000

  function sender() {
    const { step } = compileStep({ throttle: { events: 1, within: '10s', key: '%{service}' } }, [])
    return (service: string, afterMs: number) => {
      const event = eventOf({ service }, 'web-1', receivedMs + afterMs)
      return [step.apply(event), event.fields.suppressed]
    }
  }

  test('does not remove the events behind a record that is 30 days ahead', () => {
    const send = sender()
    send('a', 30 * 24 * 60 * minuteMs)
    expect([0, 1, 2].map((minute) => send('a', minute * minuteMs)[0])).toEqual(['next', 'next', 'next'])
  })

  test('counts events that are a little out of order in one period', () => {
    const send = sender()
    expect([2000, 0, 1000].map((afterMs) => send('a', afterMs)[0])).toEqual(['next', 'dropped', 'dropped'])
  })

  test('forgets the key that was not seen for longest where there are more than 10,000', () => {
    const send = sender()
    for (let key = 0; key < 10_000; key++) send(`${key}`, 0)
    send('0', 1)
    send('another', 2)
    expect([send('0', 3)[0], send('1', 3)[0]]).toEqual(['dropped', 'next'])
  })

  test('lets so many of a key pass in a period, and reports how many it has removed', () => {
    const { step } = compileStep({ throttle: { events: 2, within: '10s', key: '%{service}' } }, [])
    const send = (service: string, afterMs: number) => {
      const event = eventOf({ service }, 'web-1', receivedMs + afterMs)
      return [step.apply(event), event.fields.suppressed]
    }
    expect([send('a', 0), send('a', 1), send('a', 2), send('a', 3), send('b', 4)]).toEqual([
      ['next', undefined],
      ['next', undefined],
      ['dropped', undefined],
      ['dropped', undefined],
      ['next', undefined],
    ])
    expect(send('a', 10_000)).toEqual(['next', 2])
  })

  test('never removes an error unless errors are included', () => {
    const count = (errors: boolean) => {
      const { step } = compileStep({ throttle: { events: 1, within: '10s', errors } }, [])
      return Array.from({ length: 3 }, () => step.apply(eventOf({ level: 'error' })))
    }
    expect(count(false)).toEqual(['next', 'next', 'next'])
    expect(count(true)).toEqual(['next', 'dropped', 'dropped'])
  })
})

describe('a pipeline that is opened for several tasks', () => {
  test('reads the files of its steps once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
    const file = join(folder, 'table.csv')
    writeFileSync(file, '1,one\n')
    const loaded = pipeline({ name: 'codes', steps: [{ translate: { field: 'code', into: 'meaning', file } }] })
    rmSync(folder, { recursive: true })
    const [event] = loaded.open().read('{"message":"m","code":1}', receivedMs, 'web') ?? []
    expect(event?.fields.meaning).toBe('one')
  })

  test.each<readonly [string, StepDefinition]>([
    ['throttle', { throttle: { events: 1, within: '10s' } }],
    ['sample', { sample: { oneIn: 2 } }],
  ])('has the counts of %s for each of them', (_, step) => {
    const loaded = pipeline({ name: 'counts', steps: [step] })
    const tasks = [loaded.open(), loaded.open()]
    const keptOf = () => tasks.map((task) => task.read('{"message":"m"}', receivedMs, 'web')?.length)
    expect([keptOf(), keptOf()]).toEqual([
      [1, 1],
      [0, 0],
    ])
  })
})
