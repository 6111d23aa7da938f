import { describe, expect, test } from '@jest/globals'
import { noHeaders } from '../../../src/core/headers.ts'
import {
  bigLong,
  boolean,
  bytes,
  double,
  float,
  integer,
  json,
  jsonView,
  long,
  type Serde,
  short,
  string,
} from '../../../src/index.ts'
import { type Snapshots, snapshotsOf } from '../../../src/serde/snapshots.ts'
import { Draw } from '../stores/held-draw.ts'

const written = (serde: Serde<unknown>, value: unknown) => serde.serialize(value, 'topic', noHeaders)
const read = (serde: Serde<unknown>, value: unknown) => serde.deserialize(written(serde, value), 'topic', noHeaders)
const of = (serde: Serde<unknown>) => snapshotsOf(serde) as Snapshots

/** The snapshot is what is read again, its length is that of what is written. Returns false where there is none. */
function isExact(serde: Serde<unknown>, value: unknown): boolean {
  const snapshots = of(serde)
  const snapshot = snapshots.take(value)
  if (snapshot === undefined) return false
  const { byteLength } = snapshots
  expect(snapshot).toStrictEqual(read(serde, value))
  expect(Buffer.from(written(serde, snapshot))).toEqual(Buffer.from(written(serde, value)))
  expect(byteLength).toBe(written(serde, value).length)
  expect(snapshots.copy(snapshot)).toStrictEqual(snapshot)
  return true
}

test.each<[string, Serde<unknown>, readonly unknown[]]>([
  ['string', string(), ['', 'a', 'ä', '\u{1f600}', '"\n']],
  ['long', long(), [0, -0, 1, -1, 2 ** 53 - 1, -(2 ** 53 - 1)]],
  ['integer', integer(), [0, -0, 2 ** 31 - 1, -(2 ** 31)]],
  ['short', short(), [-0, 2 ** 15 - 1, -(2 ** 15)]],
  ['double', double(), [0, -0, 0.1, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324]],
  ['float', float(), [-0, 0.1, Number.NaN, 1e300]],
  ['boolean', boolean(), [true, false]],
  ['bigLong', bigLong(), [0n, 2n ** 63n - 1n, -(2n ** 63n)]],
])('snapshots of %s are what its bytes say', (_, serde, values) => {
  for (const value of values) expect(isExact(serde, value)).toBe(true)
})

test.each<[string, Serde<unknown>, readonly unknown[]]>([
  ['string', string(), ['\ud800', 1, undefined, null]],
  ['long', long(), [2 ** 53, 0.5, Number.NaN, '1', 1n]],
  ['integer', integer(), [2 ** 31, -(2 ** 31) - 1, 0.5]],
  ['short', short(), [2 ** 15, '1']],
  ['double', double(), ['1', 1n]],
  ['float', float(), ['1']],
  ['boolean', boolean(), [0, 'true']],
  ['bigLong', bigLong(), [2n ** 63n, 1]],
])('%s has no snapshots of what it refuses, or changes', (_, serde, values) => {
  for (const value of values) expect(of(serde).take(value)).toBeUndefined()
})

test('serdes that are not known, and copies of known ones, have none', () => {
  const view = jsonView<{ readonly a: string }>({ a: 'string' })
  for (const serde of [bytes(), view, { ...json() }, Object.create(json())]) {
    expect(snapshotsOf(serde)).toBeUndefined()
  }
})

describe('snapshots of JSON', () => {
  class Own {
    readonly a = 1
  }
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const named = JSON.parse('{"__proto__":{"a":1}}') as unknown
  const throwing = {
    get a(): never {
      throw new Error('no')
    },
  }

  test.each<[string, unknown]>([
    ['a date', { at: new Date(0) }],
    ['an object with toJSON', { toJSON: () => 1 }],
    ['an object of a class', new Own()],
    ['an object without prototype', Object.create(null)],
    ['an array of a class', Object.setPrototypeOf([1], Own.prototype)],
    ['undefined in an array', [undefined]],
    ['a hole', new Array(1)],
    ['a function', { a: () => 1 }],
    ['a symbol', { a: Symbol('a') }],
    ['NaN', { a: Number.NaN }],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['an integer that a number does not hold', { a: 2 ** 53 }],
    ['a large number', { a: 1e300 }],
    ['a bigint', { a: 1n }],
    ['a map', new Map()],
    ['a text object', { a: Object('a') }],
    ['a circle', circle],
    ['a getter that throws', throwing],
    ['a member that is called __proto__', named],
    ['undefined', undefined],
  ])('are not taken of %s', (_, value) => {
    expect(of(json()).take(value)).toBeUndefined()
  })

  test.each<[string, unknown]>([
    ['nothing but braces', [{}, []]],
    ['members that are undefined', { a: undefined, b: 1, c: undefined }],
    ['only members that are undefined', { a: undefined }],
    ['members that are symbols', { [Symbol('a')]: 1, b: 2 }],
    ['a getter', Object.defineProperty({ a: 1 }, 'b', { enumerable: true, get: () => 2 })],
    ['hidden members', Object.defineProperty({ a: 1 }, 'b', { value: 2 })],
    ['names that are numbers, and their order', { b: 1, 2: 1, 1: 1 }],
    ['a sign of zero', { a: -0 }],
    ['half of a character', { '\ud800': '\udc00' }],
    ['a frozen object', Object.freeze({ a: Object.freeze([1]) })],
  ])('are exact with %s', (_, value) => {
    expect(isExact(json(), value)).toBe(true)
    expect(isExact(json({ bigIntegers: 'round' }), value)).toBe(true)
  })

  test('are not taken while something is added to all objects', () => {
    const prototype = Object.prototype as Record<string, unknown>
    try {
      prototype['added'] = 1
      expect(of(json()).take({ a: 1 })).toBeUndefined()
    } finally {
      delete prototype['added']
    }
  })

  test('are exact for drawn values, and share no object with anybody', () => {
    const draw = new Draw(7)
    let taken = 0
    for (let round = 0; round < 1500; round++) {
      const value = draw.json(3)
      if (value === undefined || value === null) continue
      const before = JSON.stringify(value)
      if (!isExact(json(), value)) continue
      taken++
      const snapshots = of(json())
      const snapshot = snapshots.take(value)
      const copy = snapshots.copy(snapshot)
      draw.spoil(value)
      draw.spoil(copy)
      expect(JSON.stringify(snapshot)).toBe(before)
    }
    expect(taken).toBeGreaterThan(500)
  })

  test('lengths of numbers are those of their texts', () => {
    const draw = new Draw(11)
    const edges = Array.from({ length: 16 }, (_, power) => [10 ** power - 1, 10 ** power, -(10 ** power)]).flat()
    const drawn = Array.from({ length: 500 }, () => draw.number())
    for (const number of [...edges, ...drawn]) expect(isExact(json(), number)).toBe(true)
  })
})
