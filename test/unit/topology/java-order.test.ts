import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hashSetOrder, TreeSet } from '../../../src/topology/java-order.ts'

describe('hashSetOrder', () => {
  test('is the order in which Java 17 prints such a set', () => {
    expect(hashSetOrder(['cherry', 'apple', 'banana'])).toEqual(['banana', 'cherry', 'apple'])
    const stores = ['KSTREAM-JOINTHIS-0000000009-store', 'orders', 'rows-by-customer', 't0-STATE-STORE-0000000000']
    const printed = ['t0-STATE-STORE-0000000000', 'KSTREAM-JOINTHIS-0000000009-store', 'rows-by-customer', 'orders']
    expect(hashSetOrder(stores)).toEqual(printed)
  })

  test('keeps the order of insertion within a bucket', () => {
    // "Aa" and "BB" have the same hash code.
    expect(hashSetOrder(['BB', 'Aa'])).toEqual(['BB', 'Aa'])
    expect(hashSetOrder(['Aa', 'BB'])).toEqual(['Aa', 'BB'])
  })

  test('drops repetitions', () => {
    expect(hashSetOrder(['x', 'x'])).toEqual(['x'])
  })
})

describe('TreeSet', () => {
  test('sorts what keeps its rank', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const set = new TreeSet<number>((left, right) => left - right)
        for (const number of numbers) set.add(number)
        expect(set.values()).toEqual([...new Set(numbers)].sort((left, right) => left - right))
      }),
    )
  })

  test('leaves an element where it was put, when its rank grows later', () => {
    const ranks = new Map([
      ['a', 1],
      ['b', 2],
    ])
    const set = new TreeSet<string>((left, right) => (ranks.get(left) ?? 0) - (ranks.get(right) ?? 0))
    set.add('a')
    set.add('b')
    ranks.set('a', 3)
    expect(set.values()).toEqual(['a', 'b'])
  })
})
