import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consequenceOf, errorCode, errorMessage } from '../../../src/core/errors.ts'
import { noHeaders } from '../../../src/core/headers.ts'
import { avro } from '../../../src/serde/avro.ts'

interface Order {
  readonly id: string
  readonly at: number
  readonly note: string | null
  readonly lines: readonly { readonly article: string; readonly count: number }[]
}

const orderSchema = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'note', type: ['null', 'string'], default: null },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Line',
          fields: [
            { name: 'article', type: 'string' },
            { name: 'count', type: 'int' },
          ],
        },
      },
    },
  ],
}

const serde = avro<Order>(orderSchema)
const order: Order = { id: 'o1', at: 1_700_000_000_000, note: null, lines: [{ article: 'a', count: 2 }] }
const write = (value: unknown) => serde.serialize(value as Order, 'orders', noHeaders)
const read = (bytes: Uint8Array) => serde.deserialize(bytes, 'orders', noHeaders)
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

function errorOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}

describe('avro', () => {
  test('writes the bytes that the specification gives', () => {
    expect(Buffer.from(write({ id: 'o1', at: 1, note: 'n', lines: [] })).toString('hex')).toBe(
      '046f31' + '02' + '02026e' + '00',
    )
  })

  test('reads plain objects, those in lists, maps and unions too', () => {
    const line = { type: 'record', name: 'Line', fields: [{ name: 'count', type: 'int' }] }
    const other = { type: 'record', name: 'Other', fields: [{ name: 'text', type: 'string' }] }
    const schema = {
      type: 'record',
      name: 'All',
      fields: [
        { name: 'one', type: line },
        { name: 'many', type: { type: 'array', items: 'Line' } },
        { name: 'byName', type: { type: 'map', values: 'Line' } },
        { name: 'maybe', type: ['null', 'Line'] },
        { name: 'either', type: ['Line', other] },
      ],
    }
    const all = avro<unknown>(schema)
    const value = {
      one: { count: 1 },
      many: [{ count: 2 }],
      byName: { a: { count: 3 } },
      maybe: { count: 4 },
      either: { Other: { text: 'five' } },
    }
    expect(all.deserialize(all.serialize(value, 'all', noHeaders), 'all', noHeaders)).toStrictEqual(value)
  })

  test('comes back as it was, logical types as numbers', () => {
    expect(plain(read(write(order)))).toEqual(order)
  })

  test('comes back as it was, whatever its size', () => {
    fc.assert(
      fc.property(
        fc.record({
          id: fc.string({ maxLength: 50_000 }),
          at: fc.integer({ min: -(2 ** 53) + 2, max: 2 ** 53 - 2 }),
          note: fc.option(fc.string()),
          lines: fc.array(fc.record({ article: fc.string(), count: fc.integer() })),
        }),
        (value) => {
          expect(plain(read(write(value)))).toEqual(plain(value))
        },
      ),
      { numRuns: 50 },
    )
    const large = { ...order, id: 'x'.repeat(200_000) }
    expect(read(write(large)).id).toBe(large.id)
  })

  test.each([2 ** 53 - 2, 2 ** 52, -(2 ** 52), -(2 ** 52) - 1, -(2 ** 53) + 2])('keeps the long %i', (at) => {
    expect(read(write({ ...order, at })).at).toBe(at)
  })

  test('keeps a long inside a union', () => {
    const nullable = avro<number | null>(['null', 'long'])
    expect(nullable.deserialize(nullable.serialize(-(2 ** 53) + 2, 'orders', noHeaders), 'orders', noHeaders)).toBe(
      -(2 ** 53) + 2,
    )
  })

  test('keeps what it read when its source is overwritten', () => {
    const bytes = avro<Uint8Array>('bytes')
    const source = bytes.serialize(Buffer.from('kept'), 'orders', noHeaders)
    const value = bytes.deserialize(source, 'orders', noHeaders)
    bytes.serialize(Buffer.from('other'), 'orders', noHeaders)
    expect(Buffer.from(value).toString()).toBe('kept')
  })

  test('reads views that are no Buffer', () => {
    expect(read(new Uint8Array(write(order))).id).toBe('o1')
  })

  test('refuses every beginning of a record', () => {
    const bytes = write(order)
    for (let length = 0; length < bytes.length; length++) {
      expect(errorCode(errorOf(() => read(bytes.subarray(0, length))))).toBe('MALFORMED_BYTES')
    }
  })

  test('refuses bytes left over', () => {
    const error = errorOf(() => read(Buffer.concat([write(order), Buffer.of(0)])))
    expect([errorCode(error), consequenceOf(error)]).toEqual(['MALFORMED_BYTES', 'record'])
  })

  test.each([
    ['a field that is missing', { ...order, at: undefined }, 'field "at" is undefined, which is not of type long'],
    ['a field of another type', { ...order, at: 'hunter2' }, 'field "at" is a string, which is not of type long'],
    ['a field inside a list', { ...order, lines: [{ article: 'a', count: 1.5 }] }, 'field "lines.0.count" is a number'],
    ['no record at all', 7, 'the value is a number'],
  ])('the error names %s and does not show its value', (_, value, message) => {
    const error = errorOf(() => write(value))
    expect([errorCode(error), consequenceOf(error)]).toEqual(['UNSUITABLE_VALUE', 'record'])
    expect(errorMessage(error)).toContain(message)
    expect(errorMessage(error)).not.toContain('hunter2')
  })

  test('refuses what is no schema at once', () => {
    const error = errorOf(() => avro({ type: 'recrod', name: 'Order' }))
    expect([errorCode(error), consequenceOf(error)]).toEqual(['INVALID_SCHEMA', 'fatal'])
  })
})
