import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consequenceOf, errorCode, errorMessage } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { type JsonView, jsonView, jsonViewOf } from '../../../src/serde/json-view.ts'

type Fields = Record<string, unknown>

const serde = jsonView<Fields>()
const view = (text: string): JsonView<Fields> => serde.deserialize(Buffer.from(text), 'logs', noHeaders)
const textOf = (seen: JsonView<Fields>) => Buffer.from(seen.toBytes()).toString()

function errorOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}

/** JSON text of an object, sparse or dense, with strange keys and values. */
const objects = fc
  .tuple(
    fc.dictionary(
      fc
        .oneof(fc.constantFrom('level', 'message', 'a"b', 'é', '', '\\', 'x\ny'), fc.string())
        .filter((key) => key !== '__proto__'),
      fc.jsonValue(),
    ),
    fc.constantFrom(undefined, 1, '\t', '\r\n '),
  )
  .map(([value, indent]) => JSON.stringify(value, undefined, indent))

describe('a view of a JSON object', () => {
  test('has every field that parsing it whole would give', () => {
    fc.assert(
      fc.property(objects, (text) => {
        const parsed = JSON.parse(text) as Fields
        for (const [name, value] of Object.entries(parsed)) expect(view(text).get(name)).toEqual(value)
        expect(view(text).get('no such field')).toEqual(parsed['no such field'])
        expect(view(text).toJSON()).toEqual(parsed)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    '"',
    '\\',
    '\\"',
    '"\\',
    'x'.repeat(15),
    'x'.repeat(16),
    '\\'.repeat(40),
    '"'.repeat(40),
    '\\"'.repeat(20),
  ])('finds the end of a text with %j at any distance', (strange) => {
    for (let length = 0; length < 40; length++) {
      const fields = { text: `${'x'.repeat(length)}${strange}`, after: 1 }
      const seen = view(JSON.stringify(fields))
      expect([seen.get('text'), seen.get('after')]).toEqual([fields.text, 1])
    }
  })

  test('is written back byte for byte', () => {
    const text = ' { "a" : 1.0, "id":12345678901234567890 ,"b":[ ] }\n'
    const seen = view(text)
    seen.get('a')
    expect(Buffer.from(serde.serialize(seen, 'logs', noHeaders)).toString()).toBe(text)
  })

  test('with a change is what the changed object would be', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom('level', 'é', 'a"b', 'new'), fc.jsonValue(), (text, name, value) => {
        const expected = { ...(JSON.parse(text) as Fields), [name]: value }
        const changed = view(text).with(name, value)
        expect(JSON.parse(textOf(changed))).toEqual(JSON.parse(JSON.stringify(expected)))
        expect(Object.keys(JSON.parse(textOf(changed)) as Fields)).toEqual(Object.keys(expected))
        expect(changed.get(name)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 500 },
    )
  })

  test('without a field is what is left of it', () => {
    fc.assert(
      fc.property(objects, fc.nat(), (text, pick) => {
        const parsed = JSON.parse(text) as Fields
        const names = Object.keys(parsed)
        const name = names[pick % Math.max(1, names.length)] ?? 'none'
        const { [name]: _, ...expected } = parsed
        expect(JSON.parse(textOf(view(text).without(name)))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('changes only where it is changed', () => {
    const seen = view('{"big":12345678901234567890,"level":"info","n":1.0}')
    expect(textOf(seen.with('level', 'warn'))).toBe('{"big":12345678901234567890,"level":"warn","n":1.0}')
    expect(textOf(seen.with('host', 'h'))).toBe('{"big":12345678901234567890,"level":"info","n":1.0,"host":"h"}')
    expect(textOf(seen.without('level'))).toBe('{"big":12345678901234567890,"n":1.0}')
    expect(textOf(seen)).toBe('{"big":12345678901234567890,"level":"info","n":1.0}')
  })

  test('of an empty object takes a field', () => {
    expect(textOf(view('{ }').with('a', 1))).toBe('{ "a":1}')
    expect(textOf(view('{"a":1}').without('a'))).toBe('{}')
  })

  test('takes the last of fields of one name, as parsing does, and removes them all', () => {
    const seen = view('{"a":1,"\\u0061":2,"b":3}')
    expect(seen.get('a')).toBe(2)
    expect(JSON.parse(textOf(seen.with('a', 4)))).toEqual({ a: 4, b: 3 })
    expect(textOf(seen.without('a'))).toBe('{"b":3}')
  })

  test('can be made of a value, and is a value to JSON.stringify', () => {
    const made = jsonViewOf<{ a: number }>({ a: 1 })
    expect(JSON.stringify({ made: made.with('a', 2) })).toBe('{"made":{"a":2}}')
  })
})

describe('bytes that are no JSON object are refused at once:', () => {
  test.each([
    '',
    ' ',
    '[1]',
    '"text"',
    '1',
    'null',
    '{',
    '{"a"',
    '{"a":',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1}}',
    '{"a":1} x',
    '{"a":[1}',
    '{"a":"x}',
    '{"a":1 "b":2}',
  ])('%j', (text) => {
    const error = errorOf(() => view(text))
    expect([errorCode(error), consequenceOf(error)]).toEqual(['MALFORMED_BYTES', 'record'])
    expect(errorMessage(error)).toContain(`of ${text.length}`)
  })

  test('any text that parsing refuses is refused at once or when its fields are read', () => {
    fc.assert(
      fc.property(objects, fc.nat(), fc.constantFrom('"', '{', '}', ',', ':', '\\', '', 'x'), (text, place, wrong) => {
        const at = place % text.length
        const broken = text.slice(0, at) + wrong + text.slice(at + 1)
        let isJson = true
        try {
          JSON.parse(broken)
        } catch {
          isJson = false
        }
        if (isJson) return
        const error = errorOf(() => view(broken).toJSON())
        expect(errorCode(error)).toBe('MALFORMED_BYTES')
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a field that is no JSON', () => {
  test('is an error of the record when it is read, and of nobody else', () => {
    const seen = view('{"bad":tru,"good":1}')
    expect(seen.get('good')).toBe(1)
    const error = errorOf(() => seen.get('bad'))
    expect([errorCode(error), consequenceOf(error)]).toEqual(['MALFORMED_BYTES', 'record'])
  })

  test('of bytes that are no UTF-8 is refused too', () => {
    const seen = serde.deserialize(Buffer.from('7b2261223a22ff227d', 'hex'), 'logs', noHeaders)
    expect(errorCode(errorOf(() => seen.get('a')))).toBe('MALFORMED_BYTES')
  })

  test('cannot be put in', () => {
    expect(errorCode(errorOf(() => view('{}').with('a', undefined)))).toBe('UNSUITABLE_VALUE')
  })
})

test('only views are written', () => {
  expect(errorCode(errorOf(() => serde.serialize({ a: 1 } as never, 'logs', noHeaders)))).toBe('UNSUITABLE_VALUE')
})
