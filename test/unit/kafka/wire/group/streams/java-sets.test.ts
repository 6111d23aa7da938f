import { describe, expect, test } from '@jest/globals'
import { javaHash, javaSetOfSetsOrder, javaSetOrder } from '../../../../../../src/kafka/wire/group/streams/java-sets.ts'

test.each([
  ['', 0],
  ['a', 97],
  ['orders', -1008770331],
  ['polygenelubricants', -2147483648],
])('%j has the hash of String.hashCode in Java', (text, hash) => {
  expect(javaHash(text)).toBe(hash)
})

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `topic-${index}`)

/** As Java 17 prints a `HashSet` to which `topic-0`, `topic-1`, … were added. */
describe('the order of a set is that of Java', () => {
  test.each([
    [12, [6, 7, 8, 9, 0, 1, 2, 3, 10, 4, 11, 5]],
    [13, [6, 7, 8, 9, 0, 1, 2, 3, 10, 4, 11, 5, 12]],
    [
      40,
      [
        6, 7, 8, 9, 0, 1, 30, 2, 31, 3, 10, 32, 4, 11, 33, 5, 12, 34, 24, 25, 26, 27, 28, 29, 20, 21, 22, 23, 13, 35,
        14, 36, 15, 37, 16, 38, 17, 39, 18, 19,
      ],
    ],
  ])('with %i topics', (count, order) => {
    expect(javaSetOrder(numbered(count))).toEqual(order.map((number) => `topic-${number}`))
  })

  test('with sets of topics', () => {
    const sets = [0, 1, 2, 3, 4].map((group) => [0, 1, 2].map((topic) => `g${group}-t${topic}`))
    const inJava = [
      ['g0-t1', 'g0-t0', 'g0-t2'],
      ['g1-t1', 'g1-t2', 'g1-t0'],
      ['g3-t2', 'g3-t1', 'g3-t0'],
      ['g2-t2', 'g2-t0', 'g2-t1'],
      ['g4-t2', 'g4-t1', 'g4-t0'],
    ]
    expect(javaSetOfSetsOrder([...sets].reverse()).map(javaSetOrder)).toEqual(inJava)
  })
})
