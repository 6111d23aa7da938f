import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consequenceOf, errorCode, errorMessage } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { detect } from '../../../src/serde/detect.ts'
import { json } from '../../../src/serde/json.ts'
import { list } from '../../../src/serde/list.ts'
import {
  bigLong,
  boolean,
  bytes,
  double,
  float,
  integer,
  long,
  nothing,
  short,
  string,
  uuid,
} from '../../../src/serde/primitives.ts'
import type { Serde } from '../../../src/serde/serde.ts'
import { sessionWindowed, timeWindowed } from '../../../src/serde/windowed.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

function errorOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}

function expectUnreadable(serde: Serde<unknown>, source: Uint8Array): string {
  const error = errorOf(() => serde.deserialize(source, 'orders', noHeaders))
  expect([errorCode(error), consequenceOf(error)]).toEqual(['MALFORMED_BYTES', 'record'])
  expect(errorMessage(error)).toContain('topic orders')
  return errorMessage(error)
}

function expectUnwritable(serde: Serde<unknown>, value: unknown): string {
  const error = errorOf(() => serde.serialize(value, 'orders', noHeaders))
  expect([errorCode(error), consequenceOf(error)]).toEqual(['UNSUITABLE_VALUE', 'record'])
  return errorMessage(error)
}

describe('bytes that are not the type are refused:', () => {
  const fixed = [
    [long(), 8],
    [bigLong(), 8],
    [double(), 8],
    [integer(), 4],
    [float(), 4],
    [short(), 2],
    [boolean(), 1],
    [uuid(), 36],
  ] as const

  test.each(fixed.map(([serde, length]) => ({ name: serde.name, serde: serde as Serde<unknown>, length })))(
    '$name cut off, too long, or empty',
    ({ serde, length }) => {
      expectUnreadable(serde, new Uint8Array(length - 1))
      expectUnreadable(serde, new Uint8Array(length + 1))
      expectUnreadable(serde, new Uint8Array(0))
    },
  )

  test('a long beyond what a number holds exactly', () => {
    expect(expectUnreadable(long(), hex('0020000000000000'))).toContain('bigLong()')
    expect(long().deserialize(hex('001fffffffffffff'), 'orders', noHeaders)).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('a boolean that is neither 0 nor 1', () => {
    expectUnreadable(boolean(), hex('02'))
  })

  test('a text that is no UUID', () => {
    expectUnreadable(uuid(), Buffer.from('12345678-1234-5678-1234-56781234567g'))
  })

  test.each(['ff', 'c0af', 'eda080', 'e282', '61c3', 'f4908080'])('%s as UTF-8', (invalid) => {
    expectUnreadable(string(), hex(invalid))
    expectUnreadable(json(), hex(`22${invalid}22`))
  })

  test('anything where null is expected', () => {
    expectUnreadable(nothing(), new Uint8Array(0))
  })

  test.each([
    '00',
    '0100000001',
    '01000000010000000561',
    '0100000002',
    '0100000001fffffffe',
    '01ffffffff',
    '017fffffff',
  ])('the list of strings %s', (malformed) => {
    expectUnreadable(list(string()), hex(malformed))
  })

  test.each(['01000000010000000161', '0000000000', '00000000000000000100', '000000000000000001', '007fffffff'])(
    'the list of longs %s',
    (malformed) => {
      expectUnreadable(list(long()), hex(malformed))
    },
  )

  test('a list with bytes left over', () => {
    expect(expectUnreadable(list(string()), hex('0100000001000000016100'))).toContain('1 bytes are left over')
  })

  test('a windowed key without room for its window', () => {
    expectUnreadable(timeWindowed(string(), 10), new Uint8Array(7))
    expectUnreadable(sessionWindowed(string()), new Uint8Array(15))
  })

  test('a windowed key whose inner key is malformed', () => {
    expectUnreadable(timeWindowed(long(), 10), new Uint8Array(15))
  })
})

describe('values that are not the type are refused:', () => {
  test.each([
    [string(), 7],
    [bytes(), 'text'],
    [long(), 1.5],
    [long(), 2 ** 53],
    [long(), '1'],
    [bigLong(), 2n ** 63n],
    [bigLong(), 1],
    [integer(), 2 ** 31],
    [integer(), Number.NaN],
    [short(), -32_769],
    [double(), '1.5'],
    [float(), null],
    [boolean(), 1],
    [uuid(), 'no uuid'],
    [nothing(), 1],
    [list(string()), 'text'],
    [list(string()), [1]],
    [json(), undefined],
    [json(), () => 1],
    [json(), 1n],
  ] as [Serde<unknown>, unknown][])('%#', (serde, value) => {
    expectUnwritable(serde, value)
  })

  test('the message does not show the value of a text', () => {
    expect(expectUnwritable(long(), 'hunter2')).not.toContain('hunter2')
  })

  test('a value that contains itself', () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    expectUnwritable(json(), loop)
  })
})

describe('texts', () => {
  test('keep a byte order mark', () => {
    expect(string().deserialize(hex('efbbbf61'), 'orders', noHeaders)).toBe('\ufeffa')
  })

  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const serde = string()
        expect(serde.deserialize(serde.serialize(value, 'orders', noHeaders), 'orders', noHeaders)).toBe(value)
      }),
    )
  })
})

describe('json', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const serde = json<unknown>()
        const source = serde.serialize(value, 'orders', noHeaders)
        expect(serde.deserialize(source, 'orders', noHeaders)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test.each([
    ['', 0],
    ['{"a":1', 6],
    ['{"a":1}x', 7],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['[1,2,]', 5],
    ['[1 2]', 3],
    ['"abc', 4],
    ['"a\nb"', 2],
    ['nul', 0],
    ['01', 1],
    ['{"password":"hunter2",}', 22],
  ])('%j is refused at position %i', (text, position) => {
    const message = expectUnreadable(json(), Buffer.from(text))
    expect(message).toContain(`position ${position} of ${text.length}`)
    expect(message).not.toContain('hunter2')
  })
})

describe('a topic of several formats', () => {
  const named = (name: string): Serde<string> => ({
    name,
    serialize: () => Buffer.from(name),
    deserialize: () => name,
  })
  const serde = detect({ json: named('json'), avro: named('avro'), text: named('text') })

  test.each([
    ['7b7d', 'json'],
    ['0a207b7d', 'json'],
    ['0000000001', 'avro'],
    ['5b', 'text'],
    ['', 'text'],
  ])('%s is read as %s', (source, format) => {
    expect(serde.deserialize(hex(source), 'orders', noHeaders)).toBe(format)
  })

  test('is written as JSON', () => {
    expect(Buffer.from(serde.serialize('value', 'orders', noHeaders)).toString()).toBe('json')
  })

  test('waits for what its parts wait for', () => {
    const waiting = Promise.resolve()
    const withAvro = detect({
      json: named('json'),
      avro: { ...named('avro'), resolve: () => waiting },
      text: named('text'),
    })
    expect(withAvro.resolve?.(hex('0000000001'), 'orders')).toBe(waiting)
    expect(withAvro.resolve?.(hex('7b7d'), 'orders')).toBeUndefined()
  })
})

test('null is null for whoever calls a serde by hand, as for the deserializers of Java', () => {
  const serdes: readonly Serde<unknown>[] = [
    string(),
    bytes(),
    long(),
    bigLong(),
    integer(),
    short(),
    double(),
    float(),
    boolean(),
    uuid(),
    json(),
  ]
  for (const serde of serdes) expect(serde.deserialize(null as never, 'topic', [])).toBeNull()
})
