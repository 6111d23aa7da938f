import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sortByKey } from '../../../src/stores/key-order.ts'

const bytes = (...arrays: fc.Arbitrary<Uint8Array>[]) => fc.tuple(...arrays).map((parts) => Buffer.concat(parts))
const ends = fc.uint8Array({ maxLength: 3 })
const shapes: readonly (readonly [string, fc.Arbitrary<Uint8Array>])[] = [
  ['short', ends],
  ['long', fc.uint8Array({ minLength: 6, maxLength: 12 })],
  ['alike at first', bytes(fc.constant(Buffer.from('user-100000')), ends)],
  [
    'alike in groups',
    bytes(fc.constantFrom(Buffer.from('tenant-a/'), Buffer.from('tenant-bb/'), Buffer.of(0xff)), ends),
  ],
  ['all the same', fc.constant(Buffer.from('one'))],
  ['of zero bytes', fc.nat(12).map((length) => Buffer.alloc(length))],
]

describe('rows sorted by key', () => {
  test.each(shapes)('are in the order of Buffer.compare, equal ones as they were: keys %s', (_, keys) => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 30, maxLength: 300 }), (list) => {
        const rows = list.map((key, index) => ({ key, index }))
        const expected = rows
          .slice()
          .sort((left, right) => Buffer.compare(left.key, right.key) || left.index - right.index)
        sortByKey(rows)
        expect(rows.map(({ index }) => index)).toEqual(expected.map(({ index }) => index))
      }),
    )
  })
})
