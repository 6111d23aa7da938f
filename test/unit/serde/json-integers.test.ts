import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { json } from '../../../src/index.ts'

const read = (text: string, serde = json<unknown>()) => serde.deserialize(Buffer.from(text), 'ids', [])

describe('json and integers that no number holds', () => {
  test.each([
    '9007199254740993',
    '-9007199254740993',
    '{"id":12345678901234567891}',
    '[[{"a":[1,9007199254740993]}]]',
    '9'.repeat(400),
  ])('%s is refused: it would become another', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'MALFORMED_BYTES', message: expect.stringContaining('is beyond ±2^53') }),
    )
  })

  test('the error shows the place, not the value', () => {
    expect(() => read('{"id":9007199254740993}')).toThrow('the integer at position 6 is beyond')
    expect(() => read('{"id":9007199254740993}')).not.toThrow('9007199254740993')
  })

  test.each([
    '9007199254740992',
    '9007199254740991',
    '{"id":"9007199254740993"}',
    '{"9007199254740993":1}',
    '"\\"9007199254740993"',
    '0.12345678901234567891',
    '1e300',
    '12345678901234567e10',
  ])('%s is read', (text) => {
    expect(read(text)).toEqual(JSON.parse(text))
  })

  test('bigIntegers: round takes them as JSON.parse does', () => {
    expect(read('{"id":9007199254740993}', json({ bigIntegers: 'round' }))).toEqual({ id: 9007199254740992 })
  })

  test('whatever JavaScript writes is read again, large numbers too', () => {
    const large = fc.oneof(fc.double({ noNaN: true }), fc.bigInt().map(Number), fc.constant(2 ** 70 + 2 ** 20))
    fc.assert(
      fc.property(fc.object({ values: [large, fc.string()] }), (value) => {
        const serde = json<unknown>()
        const text = JSON.stringify(value)
        expect(serde.deserialize(serde.serialize(value, 'ids', []), 'ids', [])).toEqual(JSON.parse(text))
      }),
    )
  })

  test('nesting of any depth is read', () => {
    const deep = '['.repeat(5000) + '9007199254740993' + ']'.repeat(5000)
    expect(() => read(deep)).toThrow('the integer at position 5000')
    expect(() => read('['.repeat(5000) + ']'.repeat(5000))).not.toThrow()
    expect(read(`"${'1'.repeat(1_000_000)}"`)).toHaveLength(1_000_000)
    expect(() => read(`[9007199254740993,"${'1'.repeat(1_000_000)}"]`)).toThrow('position 1 ')
  })
})
