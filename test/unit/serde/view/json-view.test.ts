import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { json, jsonView } from '../../../../src/index.ts'

interface Fields {
  readonly level: string
  readonly time?: number
  readonly attempt?: number | null
  readonly isLast?: boolean
  readonly tags?: readonly string[]
}

const logs = jsonView<Fields>({
  level: 'string',
  time: 'isoTime',
  attempt: 'number',
  isLast: 'boolean',
  tags: 'json',
})
const read = (text: string) => logs.deserialize(Buffer.from(text), 'logs', [])
const written = (view: ReturnType<typeof read>) => Buffer.from(logs.serialize(view, 'logs', [])).toString()

describe('a view reads a field from its bytes', () => {
  test('of each kind', () => {
    const view = read(
      '{ "level" : "WARN", "time":"2026-11-24T08:30:00.123Z","attempt":-12,"other":{"a":[1,{}]},"isLast":true,"tags":["a","b"]}',
    )
    expect(view.level).toBe('WARN')
    expect(view.time).toBe(Date.UTC(2026, 10, 24, 8, 30, 0, 123))
    expect(view.attempt).toBe(-12)
    expect(view.isLast).toBe(true)
    expect(view.tags).toEqual(['a', 'b'])
  })

  test('that is missing as undefined, and null as null', () => {
    const view = read('{"attempt":null}')
    expect(view.level).toBeUndefined()
    expect(view.attempt).toBeNull()
  })

  test('of another type as JSON.parse has it', () => {
    const view = read('{"level":1e3,"time":17,"attempt":"3","isLast":{"no":false},"tags":"a"}') as unknown
    expect(view).toMatchObject({ level: 1000, time: 17, attempt: '3', isLast: { no: false }, tags: 'a' })
  })

  test('that stands twice as the last one', () => {
    const view = read('{"level":"a","level":"b","l\\u0065vel":"c"}')
    expect(view.level).toBe('c')
  })

  test('also while other views of the definition are read', () => {
    const views = Array.from({ length: 1000 }, (_, attempt) => read(JSON.stringify({ attempt, level: `L${attempt}` })))
    for (const [attempt, view] of views.entries()) {
      expect(view.attempt).toBe(attempt)
      expect(view.level).toBe(`L${attempt}`)
    }
  })

  test('of an object once, frozen: a change of it would be lost', () => {
    const view = read('{"tags":[{"a":1}]}')
    expect(view.tags).toBe(view.tags)
    expect(Object.isFrozen(view.tags)).toBe(true)
    expect(Object.isFrozen(view.tags?.[0])).toBe(true)
  })

  test('and never the text of another field', () => {
    const short = jsonView<{ a: string; b: string }>({ a: 'string', b: 'string' })
    const view = short.deserialize(Buffer.from('{"a":"x","b":"y"}'), 't', [])
    expect([view.a, view.b, view.a]).toEqual(['x', 'y', 'x'])
  })
})

test('names that JSON escapes are found only where they are escaped', () => {
  const names = ['"', '\\', '\ud800', '\n']
  const serde = jsonView<Readonly<Record<string, string>>>(Object.fromEntries(names.map((name) => [name, 'string'])))
  const text = `{${names.map((name, index) => `${JSON.stringify(name)}:"${index}"`).join(',')},"\ufffd":"x"}`
  for (let round = 0; round < 2; round++) {
    const view = serde.deserialize(Buffer.from(text), 't', [])
    expect(names.map((name) => view[name])).toEqual(['0', '1', '2', '3'])
  }
  for (const broken of ['{"\\":1}', '{""":1}', '{"\n":1}']) {
    expect(() => serde.deserialize(Buffer.from(broken), 't', [])).toThrow('is not JSON')
  }
})

describe('times', () => {
  test.each([
    '2026-11-24T08:30:00Z',
    '2026-11-24T08:30:00.1Z',
    '2026-11-24T08:30:00.123456789+05:30',
    '1969-12-31T23:59:59.999-01:00',
    '2024-02-29T00:00:00Z',
  ])('%s', (text) => {
    expect(read(JSON.stringify({ time: text })).time).toBe(Date.parse(text))
  })

  test.each([
    '2026-11-24',
    '2026-11-24T08:30:00',
    '2026-11-24 08:30:00Z',
    '2026-13-24T08:30:00Z',
    '2025-02-29T08:30:00Z',
    '2026-11-24T24:30:00Z',
    '2026-11-24T08:30:00.Z',
    '2026-11-24T08:30:00ZZ',
    '2026-11-24T08:30:00+0530',
    '2026/11/24T08:30:00Z',
    'yesterday',
    '',
  ])('no time: %s', (text) => {
    expect(read(JSON.stringify({ time: text })).time).toBeNaN()
  })

  test('that are written with escapes are read', () => {
    expect(read('{"time":"2026\\u002d11-24T08:30:00Z"}').time).toBe(Date.UTC(2026, 10, 24, 8, 30))
  })
})

describe('a view with changes', () => {
  test('is written with each value, whatever was written before', () => {
    const view = read('{"x":1}')
    const times = [0, -0, 1, 1, Number.NaN, 1, 0]
    expect(times.map((attempt) => written(view.with({ attempt })))).toEqual(
      times.map((attempt) => JSON.stringify({ x: 1, attempt })),
    )
    const texts = ['a', 'a', '"', 'x'.repeat(100), 'a', 'é', 'é', '\ud800']
    expect(texts.map((level) => written(view.with({ level })))).toEqual(
      texts.map((level) => JSON.stringify({ x: 1, level })),
    )
    const tags = ['a']
    const first = written(view.with({ tags }))
    tags.push('b')
    expect([first, written(view.with({ tags }))]).toEqual(['{"x":1,"tags":["a"]}', '{"x":1,"tags":["a","b"]}'])
  })

  test('keeps all other bytes as they are', () => {
    const view = read('{ "id": 1.50, "level":"INFO", "text":"\\u00e9" }')
    expect(written(view.with({ level: 'WARN' }))).toBe('{ "id": 1.50, "level":"WARN", "text":"\\u00e9" }')
    expect(written(view)).toBe('{ "id": 1.50, "level":"INFO", "text":"\\u00e9" }')
  })

  test('is written with new fields at its end', () => {
    expect(written(read('{}').with({ level: 'é', attempt: 1 }))).toBe('{"level":"é","attempt":1}')
    expect(written(read('{ }').with({ level: 'a' }))).toBe('{ "level":"a"}')
    expect(written(read('{"x":{}}').with({ attempt: 1 }))).toBe('{"x":{},"attempt":1}')
  })

  test('reads what was changed, and changes again', () => {
    const view = read('{"level":"INFO","attempt":1}')
    const changed = view.with({ attempt: 2 }).with({ level: 'WARN', isLast: true })
    expect([changed.level, changed.attempt, changed.isLast]).toEqual(['WARN', 2, true])
    expect(written(changed)).toBe('{"level":"WARN","attempt":2,"isLast":true}')
    expect(view.attempt).toBe(1)
    expect(changed.with({ attempt: null }).attempt).toBeNull()
  })

  test('writes a time as it is read', () => {
    const changed = read('{"level":"a"}').with({ time: 0 })
    expect(written(changed)).toBe('{"level":"a","time":"1970-01-01T00:00:00.000Z"}')
    expect(read(written(changed)).time).toBe(0)
  })

  test.each([
    ['{"attempt":1,"level":"a","isLast":true}', '{"level":"a"}'],
    ['{"level":"a", "attempt":1, "isLast":true}', '{"level":"a"}'],
    ['{"attempt":1,"isLast":true}', '{}'],
    ['{"attempt":1,"x":1,"\\u0061ttempt":2,"attempt":3}', '{"x":1}'],
    ['{ "attempt" : [ ] }', '{  }'],
    ['{"x":1}', '{"x":1}'],
  ])('undefined removes a field from %s', (text, expected) => {
    const changed = read(text).with({ attempt: undefined, isLast: undefined })
    expect(written(changed)).toBe(expected)
    expect(changed.attempt).toBeUndefined()
    expect(changed.toObject()).toEqual(JSON.parse(expected))
  })

  test('is refused for a name that is not defined, and for a view', () => {
    const view = read('{}')
    expect(() => view.with({ other: 1 } as never)).toThrow('with() is given the field other')
    expect(() => view.with(read('{}') as never)).toThrow('with() is given a view')
  })

  test('of a value that has no JSON is refused where it is written', () => {
    const view = read('{}').with({ attempt: 1n as never })
    expect(() => written(view)).toThrow(expect.objectContaining({ code: 'UNSUITABLE_VALUE', consequence: 'record' }))
    expect(() => written(read('{}').with({ time: Number.NaN }))).toThrow('Invalid time value')
  })
})

describe('a view as an object', () => {
  test('has all fields, for JSON.stringify too', () => {
    const text = '{"level":"a","other":{"b":[null]},"attempt":2}'
    const view = read(text)
    expect(view.toObject()).toEqual(JSON.parse(text))
    expect(JSON.stringify({ view })).toBe(`{"view":${text}}`)
    expect(JSON.stringify(view.with({ attempt: 3 }))).toBe('{"level":"a","other":{"b":[null]},"attempt":3}')
    expect(Buffer.from(json<unknown>().serialize(view, 't', [])).toString()).toBe(text)
    expect(inspect(view)).toBe(inspect(JSON.parse(text)))
  })

  test('is made of an object', () => {
    const view = logs.of({ level: 'INFO', time: 0, tags: ['a'] })
    expect(view.time).toBe(0)
    expect(written(view)).toBe('{"level":"INFO","time":"1970-01-01T00:00:00.000Z","tags":["a"]}')
  })

  test('cannot be changed', () => {
    const view = read('{"level":"a"}') as unknown as { level: string }
    expect(() => {
      view.level = 'b'
    }).toThrow(TypeError)
  })
})

describe('bad records', () => {
  test.each([
    '',
    '{',
    '{"a":1',
    '{"a":1}}',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '{"a":01}',
    '{"a":"\t"}',
    '{"a":tru}',
    '\u00a0{}',
  ])('%j is refused with the error of json()', (text) => {
    const bytes = Buffer.from(text)
    let message = ''
    try {
      json().deserialize(bytes, 'logs', [])
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).not.toBe('')
    expect(() => logs.deserialize(bytes, 'logs', [])).toThrow(new Error(message))
  })

  test.each(['[]', '"a"', '1', 'null', 'true'])('%s is no object', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'MALFORMED_BYTES', message: expect.stringContaining('is not an object') }),
    )
  })

  test('bytes that are not UTF-8, also in names and where nobody reads', () => {
    for (const bytes of [
      [0x22, 0x80, 0x22, 0x3a, 0x31],
      [0x22, 0x61, 0x22, 0x3a, 0x22, 0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(() => logs.deserialize(Buffer.from([0x7b, ...bytes, 0x7d]), 'logs', [])).toThrow('are not UTF-8')
    }
  })

  test('integers that no number holds, as json() has it', () => {
    const rounded = jsonView<Fields>(
      { level: 'string', time: 'isoTime', attempt: 'number', isLast: 'boolean', tags: 'json' },
      { bigIntegers: 'round' },
    )
    const text = '{"id":9007199254740993,"attempt":9007199254740993}'
    expect(() => read(text)).toThrow('the integer at position 6 is beyond')
    const view = rounded.deserialize(Buffer.from(text), 'logs', [])
    expect(view.attempt).toBe(9007199254740992)
    expect(Buffer.from(rounded.serialize(view.with({ attempt: 1 }), 'logs', [])).toString()).toBe(
      '{"id":9007199254740993,"attempt":1}',
    )
    expect(read('{"attempt":9007199254740992}').attempt).toBe(2 ** 53)
    expect(() => read(`{"attempt":${'9'.repeat(400)}}`)).toThrow('is beyond ±2^53')
  })

  test('null is null, as from the other serdes', () => {
    expect(logs.deserialize(null as never, 'logs', [])).toBeNull()
  })

  test('an object that is no view cannot be written', () => {
    expect(() => logs.serialize({ level: 'secret' } as never, 'logs', [])).toThrow(
      expect.objectContaining({ code: 'UNSUITABLE_VALUE', message: expect.not.stringContaining('secret') }),
    )
  })
})

describe('definitions that cannot be', () => {
  test.each([
    [{ level: 'text' }, "the field level of jsonView has the kind 'text'"],
    [{ toJSON: 'string' }, 'jsonView has a method toJSON'],
    [undefined, 'pass a kind for each field'],
  ])('%j', (fields, message) => {
    expect(() => jsonView(fields as never)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_ARGUMENT', message: expect.stringContaining(message) }),
    )
  })
})
