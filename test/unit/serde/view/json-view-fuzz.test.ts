import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { json, jsonView, type Serde } from '../../../../src/index.ts'

/** Names that JSON, objects or the table of names treat in their own way; `ab` and `ba`-like names share a hash. */
const names = [
  'a',
  'aa',
  'ab',
  'axb',
  'ayb',
  '',
  'é',
  '😀',
  '__proto__',
  '"',
  '\\',
  '\u0000',
  '\ud800',
  'hasOwnProperty',
  '0',
]
const fields = Object.fromEntries(names.map((name) => [name, 'json'] as const))
// A literal would set the prototype.
Object.defineProperty(fields, '__proto__', { value: 'json', enumerable: true })
type Fields = Readonly<Record<string, unknown>>
const views = jsonView<Fields>(fields)
const rounded = jsonView<Fields>(fields, { bigIntegers: 'round' })
const kinds = ['string', 'number', 'boolean', 'json'] as const
const byKind = kinds.map((kind) => jsonView<Fields>({ a: kind, aa: kind, b: kind } as never))

const bytesOf = (text: string) => Buffer.from(text)
const runs = { numRuns: Number(process.env['VIEW_RUNS'] ?? 200) }

/** A text with a random part of its characters written as escapes. */
const stringText = fc
  .tuple(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...names)), fc.infiniteStream(fc.nat(5)))
  .map(([text, draws]) => {
    let written = '"'
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const mustEscape = code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code < 0xe000)
      const draw = draws.next().value
      if (draw === 0 || mustEscape) written += `\\u${code.toString(16).padStart(4, draw === 1 ? '0' : '0')}`
      else written += text[at]
    }
    return `${written}"`
  })
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
  fc.constantFrom(
    '-0',
    '0',
    '1e999',
    '-1E+999',
    '1e-999',
    '0.0e0',
    '9007199254740993',
    '9007199254740992',
    '9007199254740991',
  ),
  fc.constantFrom(
    '5e-324',
    '1.7976931348623157e308',
    '1.7976931348623159e308',
    '0.1234567890123456789012',
    '-9007199254740993',
  ),
  fc.constantFrom('123456789012345', '1234567890123456', '-123456789012345', '1.50', '100000000000000000000000000'),
)
const blank = fc.constantFrom('', '', '', '', ' ', '\n', '\t \r\n')

const { value: valueText, object: objectText } = fc.letrec<{ value: string; object: string; array: string }>((tie) => {
  const part = fc.tuple(blank, tie('value'), blank).map((parts) => parts.join(''))
  const member = fc
    .tuple(blank, stringText, blank, part)
    .map(([before, name, after, value]) => `${before}${name}${after}:${value}`)
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('true', 'false', 'null', '""', '[]', '{}'),
      stringText,
      numberText,
      tie('array'),
      tie('object'),
    ),
    array: fc
      .tuple(blank, fc.array(part, { maxLength: 4 }))
      .map(([inner, parts]) => `[${parts.length === 0 ? inner : parts.join(',')}]`),
    object: fc
      .tuple(blank, fc.array(member, { maxLength: 8 }))
      .map(([inner, parts]) => `{${parts.length === 0 ? inner : parts.join(',')}}`),
  }
})

type Outcome = { readonly value: unknown } | { readonly error: string }

/** What may stand around a record: it must not count. */
const around = ['', '{"a":', '}', ' ', '\n}', '"', ',"a":1}', '\\', 'é', '1', '[', '\t{"a":2}'].map((text) =>
  Buffer.from(text),
)
let outcomes = 0

/** A view is read where it lies, among other bytes. */
function outcome(serde: Serde<unknown>, bytes: Buffer): Outcome {
  outcomes++
  const before = around[outcomes % around.length] as Buffer
  const after = around[Math.floor(outcomes / around.length) % around.length] as Buffer
  const [start, end] = [before.length, before.length + bytes.length]
  try {
    if (serde.deserializeRange === undefined) return { value: serde.deserialize(bytes, 't', []) }
    return { value: serde.deserializeRange(Buffer.concat([before, bytes, after]), start, end, 't', []) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads the same as `json()` of the same options, field by field and as a whole, or fails with the same error. */
function expectSame(bytes: Buffer, ofViews: Serde<unknown> = views, ofJson = json<unknown>()): void {
  const expected = outcome(ofJson, bytes)
  const actual = outcome(ofViews, bytes)
  if ('error' in expected) expect(actual).toEqual(expected)
  else if (isObject(expected.value)) {
    if ('error' in actual) throw new Error(`${bytes.toString()} is refused: ${actual.error}`)
    const view = actual.value as Fields & { toObject(): unknown }
    expect(view.toObject()).toStrictEqual(expected.value)
    const own = (name: string) => Object.getOwnPropertyDescriptor(expected.value, name)?.value as unknown
    expect(names.map((name) => view[name])).toStrictEqual(names.map(own))
    expect(ofViews.serialize(view, 't', [])).toEqual(bytes)
  } else expect(actual).toEqual({ error: expect.stringContaining('is not an object') })
}

describe('views read what JSON.parse reads', () => {
  test('in all objects', () => {
    fc.assert(
      fc.property(fc.tuple(blank, objectText, blank), ([before, text, after]) => {
        const bytes = bytesOf(before + text + after)
        expectSame(bytes)
        expectSame(bytes, rounded, json<unknown>({ bigIntegers: 'round' }))
      }),
      runs,
    )
  })

  test('in all other values', () => {
    fc.assert(
      fc.property(valueText, (text) => expectSame(bytesOf(text))),
      runs,
    )
  })

  test('whatever kind a field is said to be', () => {
    const member = fc
      .tuple(fc.constantFrom('"a"', '"aa"', '"b"', '"\\u0061"'), valueText)
      .map((parts) => parts.join(':'))
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const bytes = bytesOf(`{${members.join(',')}}`)
        const expected = JSON.parse(bytes.toString()) as Fields
        for (const serde of byKind) {
          const actual = outcome(serde, bytes)
          if ('error' in actual) return
          for (const name of ['a', 'aa', 'b']) expect((actual.value as Fields)[name]).toStrictEqual(expected[name])
        }
      }),
      runs,
    )
  })

  test('after any change of their bytes', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('set', 'insert', 'remove', 'cut', 'repeat'),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:\\-+.eEtfn0u \n/'))),
    })
    fc.assert(
      fc.property(objectText, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let bytes = bytesOf(text)
        for (const { at: anywhere, kind, byte } of changes) {
          const at = bytes.length === 0 ? 0 : anywhere % bytes.length
          const rest = bytes.subarray(kind === 'insert' || kind === 'repeat' ? at : at + 1)
          const middle = kind === 'remove' ? [] : kind === 'repeat' ? [...bytes.subarray(0, at)] : [byte]
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), kind === 'cut' ? Buffer.of() : rest])
        }
        expectSame(bytes)
      }),
      { numRuns: runs.numRuns * 3 },
    )
  })

  test('at any depth', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const text = `{"a":${open.repeat(100_000)}1${close.repeat(100_000)},"aa":1}`
      const view = views.deserialize(bytesOf(text), 't', [])
      expect(view['aa']).toBe(1)
      expect(view['a']).toBeDefined()
      expect(outcome(views, bytesOf(text.slice(0, -9)))).toHaveProperty('error')
    }
  })

  test('in records of one buffer, one after another', () => {
    fc.assert(
      fc.property(fc.array(objectText, { minLength: 2, maxLength: 6 }), (texts) => {
        const batch = Buffer.concat(texts.map(bytesOf))
        let at = 0
        for (const text of texts) {
          const { length } = bytesOf(text)
          expectSame(batch.subarray(at, at + length))
          at += length
        }
      }),
    )
  })
})

describe('views are written as objects with the same changes', () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constant(undefined),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(Number.NaN, -0, 1e300),
  )
  const changes = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 })

  type Pairs = readonly (readonly [string, unknown])[]

  /** An assignment would set the prototype. */
  function changed(object: object, pairs: Pairs): object {
    const target = { ...object }
    const flags = { enumerable: true, configurable: true, writable: true }
    for (const [name, each] of pairs) Object.defineProperty(target, name, { value: each, ...flags })
    return target
  }

  /** All that stays is as it was written, also what JSON.stringify would write as null. */
  function expectedOf(text: string, pairs: Pairs): unknown {
    const merged = changed(JSON.parse(text) as object, pairs)
    const texts = new Map(pairs.map(([name, each]) => [name, JSON.stringify(each) as string | undefined]))
    for (const [name, each] of texts) if (each === undefined) Reflect.deleteProperty(merged, name)
    const kept = [...texts].flatMap(([name, each]) => (each === undefined ? [] : [[name, JSON.parse(each)] as const]))
    return changed(merged, kept)
  }

  test('once and again', () => {
    fc.assert(
      fc.property(objectText, changes, changes, (text, first, second) => {
        const bytes = bytesOf(text)
        const read = outcome(rounded, bytes)
        if ('error' in read) throw new Error(read.error)
        const view = (read.value as ReturnType<typeof rounded.of>).with(changed({}, first)).with(changed({}, second))
        const again = rounded.deserialize(rounded.serialize(view, 't', []), 't', [])
        const pairs = [...first, ...second]
        const expected = expectedOf(text, pairs)
        expect(again.toObject()).toStrictEqual(expected)
        expect(view.toObject()).toStrictEqual(expected)
        for (const [name, each] of new Map(pairs)) expect((view as Fields)[name]).toBe(each)
        expect(rounded.serialize(read.value as never, 't', [])).toEqual(bytes)
      }),
      runs,
    )
  })
})

test('times are those of Date.parse', () => {
  const times = jsonView<{ time: number }>({ time: 'isoTime' })
  const offset = fc.oneof(
    fc.constant('Z'),
    fc
      .tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
      .map(([sign, hours, minutes]) => `${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`),
  )
  const date = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  const fraction = fc.oneof(fc.constant(''), fc.stringMatching(/^\.[0-9]{1,9}$/))
  fc.assert(
    fc.property(date, fraction, offset, (day, digits, zone) => {
      const text = day.toISOString().slice(0, 19) + digits + zone
      expect(times.deserialize(bytesOf(JSON.stringify({ time: text })), 't', []).time).toBe(Date.parse(text))
    }),
    runs,
  )
})
