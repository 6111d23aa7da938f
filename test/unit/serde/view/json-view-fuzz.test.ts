import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { json, jsonView, type Serde } from '../../../../src/index.ts'
import { rangesOf } from '../../../support/byte-ranges.ts'
import { blank, objectText, oddNames, valueText } from '../../../support/json-texts.ts'

const names = oddNames
const fields = Object.fromEntries(names.map((name) => [name, 'json'] as const))
// A literal would set the prototype.
Object.defineProperty(fields, '__proto__', { value: 'json', enumerable: true })
type Fields = Readonly<Record<string, unknown>>
const views = jsonView<Fields>(fields)
const rounded = jsonView<Fields>(fields, { bigIntegers: 'round' })
const kinds = ['string', 'number', 'boolean', 'json'] as const
const byKind = kinds.map((kind) => jsonView<Fields>({ a: kind, aa: kind, b: kind } as never))

const bytesOf = (text: string) => Buffer.from(text)
const runs = { numRuns: Number(process.env['VIEW_RUNS'] ?? 60) }

type Outcome = { readonly value: unknown } | { readonly error: string }

/** What may stand around a record: it must not count. */
const around = ['', '{"a":', '}', ' ', '\n}', '"', ',"a":1}', '\\', 'é', '1', '[', '\t{"a":2}'].map((text) =>
  Buffer.from(text),
)
let outcomes = 0

/** A view is read where it lies, among other bytes. */
const ways = {
  alone: (serde: Serde<unknown>, bytes: Buffer) => serde.deserialize(bytes, 't', []),
  /** One record is read in JavaScript, many in WebAssembly, where the same object came just before, or another one. */
  'in a batch of one': (serde: Serde<unknown>, bytes: Buffer) => readAmong(serde, [bytes], 0),
  'in a batch': (serde: Serde<unknown>, bytes: Buffer) => readAmong(serde, [bytes, sound, bytes, bytes], 3),
  'as the first of a batch': (serde: Serde<unknown>, bytes: Buffer) => readAmong(serde, [bytes, sound], 0),
}
const sound = bytesOf('{"a":{"a":"é"},"aa":12345678901234567,"b":true}')

function readAmong(serde: Serde<unknown>, parts: readonly Buffer[], index: number): unknown {
  outcomes++
  const before = around[outcomes % around.length] as Buffer
  const after = around[Math.floor(outcomes / around.length) % around.length] as Buffer
  const reader = serde.readBatch?.(rangesOf(parts, before, after), 't')
  if (reader === undefined) throw new Error('the serde reads no batches')
  return reader.read(index, [])
}

function outcome(read: () => unknown): Outcome {
  try {
    return { value: read() }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads the same as `json()` of the same options, field by field and as a whole, or fails with the same error. */
function expectSame(bytes: Buffer, ofViews: Serde<unknown> = views, ofJson = json<unknown>()): void {
  const expected = outcome(() => ofJson.deserialize(bytes, 't', []))
  for (const [way, read] of Object.entries(ways)) {
    const actual = outcome(() => read(ofViews, bytes))
    if ('error' in expected) expect(actual).toEqual(expected)
    else if (isObject(expected.value)) {
      if ('error' in actual) throw new Error(`${bytes.toString()} is refused ${way}: ${actual.error}`)
      const view = actual.value as Fields & { toObject(): unknown }
      expect(view.toObject()).toStrictEqual(expected.value)
      const own = (name: string) => Object.getOwnPropertyDescriptor(expected.value, name)?.value as unknown
      expect(names.map((name) => view[name])).toStrictEqual(names.map(own))
      expect(ofViews.serialize(view, 't', [])).toEqual(bytes)
    } else expect(actual).toEqual({ error: expect.stringContaining('is not an object') })
  }
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
        const expected = outcome(() => json<Fields>().deserialize(bytes, 't', []))
        const fieldsOf = ({ a, aa, b }: Fields) => ({ a, aa, b })
        for (const serde of byKind) {
          for (const read of Object.values(ways)) {
            const actual = outcome(() => read(serde, bytes))
            if ('error' in actual || 'error' in expected) expect(actual).toEqual(expected)
            else expect(fieldsOf(actual.value as Fields)).toStrictEqual(fieldsOf(expected.value as Fields))
          }
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
      for (const read of Object.values(ways)) {
        const view = read(views, bytesOf(text)) as Fields
        expect(view['aa']).toBe(1)
        expect(view['a']).toBeDefined()
        expect(outcome(() => read(views, bytesOf(text.slice(0, -9))))).toHaveProperty('error')
      }
    }
  })

  test('in a batch, also beside records that are broken, missing or too large', () => {
    const large = bytesOf(`{"a":"${'x'.repeat(70_000)}"}`)
    const record = fc.oneof(
      { arbitrary: objectText.map(bytesOf), weight: 6 },
      { arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)), weight: 2 },
      { arbitrary: fc.constantFrom(null, large, bytesOf('{"a":"'), bytesOf('{"a":[[[')), weight: 1 },
    )
    fc.assert(
      fc.property(fc.array(record, { minLength: 2, maxLength: 12 }), fc.constantFrom(...around), (records, between) => {
        const reader = views.readBatch?.(rangesOf(records, between, between), 't')
        for (const [index, bytes] of records.entries()) {
          if (bytes === null) continue
          const read = (from: () => unknown) => {
            const found = outcome(from)
            return 'error' in found || !isObject(found.value)
              ? found
              : names.map((name) => (found.value as Fields)[name])
          }
          expect(read(() => reader?.read(index, []))).toStrictEqual(read(() => views.deserialize(bytes, 't', [])))
        }
      }),
      runs,
    )
  })

  test('in a batch of more records than are looked at in one go', () => {
    const records = Array.from({ length: 2000 }, (_, index) =>
      bytesOf(`{"a":${index},"aa":"${'x'.repeat(index % 400)}"}`),
    )
    const reader = views.readBatch?.(rangesOf(records, around[1] as Buffer, around[2] as Buffer), 't')
    for (const index of [...records.keys(), 5, 1999, 700])
      expect(reader?.read(index, []).toObject()).toEqual({ a: index, aa: 'x'.repeat(index % 400) })
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
        const read = ways['in a batch'](rounded, bytes) as ReturnType<typeof rounded.of>
        const view = read.with(changed({}, first)).with(changed({}, second))
        const again = rounded.deserialize(rounded.serialize(view, 't', []), 't', [])
        const pairs = [...first, ...second]
        const expected = expectedOf(text, pairs)
        expect(again.toObject()).toStrictEqual(expected)
        expect(view.toObject()).toStrictEqual(expected)
        for (const [name, each] of new Map(pairs)) expect((view as Fields)[name]).toBe(each)
        expect(rounded.serialize(read, 't', [])).toEqual(bytes)
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
