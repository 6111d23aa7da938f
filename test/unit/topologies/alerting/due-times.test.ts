import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DueTimes } from '../../../../topologies/alerting/due-times.ts'

test('gives the keys that are due, the longest due first, and each once', () => {
  const due = new DueTimes()
  due.set('c', 30)
  due.set('a', 10)
  due.set('b', 20)
  expect([due.take(5, 9), due.take(20, 9), due.take(20, 9), due.take(99, 9)]).toEqual([[], ['a', 'b'], [], ['c']])
})

test('a key has one time: the one that was set last', () => {
  const due = new DueTimes()
  due.set('a', 10)
  due.set('a', 30)
  due.set('b', 10)
  due.set('b', Number.POSITIVE_INFINITY)
  expect([due.take(29, 9), due.take(30, 9), due.take(99, 9)]).toEqual([[], ['a'], []])
})

test('gives so many keys at most, and the others with the next call', () => {
  const due = new DueTimes()
  for (const key of ['a', 'b', 'c']) due.set(key, 10)
  expect([due.take(10, 2), due.take(10, 2)]).toEqual([['a', 'b'], ['c']])
})

test('gives what a list of all keys gives, whatever is set, forgotten and taken', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd')
  const time = fc.integer({ min: 0, max: 9 })
  const call = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key, time }),
    fc.record({ do: fc.constant('forget' as const), key, time }),
    fc.record({ do: fc.constant('take' as const), key, time }),
  )
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      const due = new DueTimes()
      const model = new Map<string, number>()
      for (const one of calls) {
        if (one.do === 'set') {
          due.set(one.key, one.time)
          model.set(one.key, one.time)
        } else if (one.do === 'forget') {
          due.forget(one.key)
          model.delete(one.key)
        } else {
          const expected = [...model].filter(([, dueMs]) => dueMs <= one.time).map(([name]) => name)
          for (const name of expected) model.delete(name)
          expect([...due.take(one.time, 9)].sort()).toEqual(expected.sort())
        }
      }
      expect([...due.take(9, 99)].sort()).toEqual([...model.keys()].sort())
    }),
  )
})
