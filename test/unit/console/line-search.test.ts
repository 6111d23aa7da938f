import { describe, expect, test } from '@jest/globals'
import { LineStore } from '../../../console/react/stream/line-store.ts'
import { LineSearch, partsOf } from '../../../console/react/view/line-search.ts'
import { lines } from './lines.ts'

describe('a search', () => {
  test('finds lines in any case, also those that come later, and forgets those that leave', () => {
    const store = new LineStore(100)
    const search = new LineSearch('LINE 1')
    store.add(lines(0, 12), undefined)
    search.update(store.rows, store.firstNumber)
    expect(search.matches).toEqual([1, 10, 11])
    store.add(lines(12, 20), undefined)
    search.update(store.rows, store.firstNumber)
    expect(search.matches).toEqual([1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    store.add(lines(20, 115), undefined)
    search.update(store.rows, store.firstNumber)
    expect(search.matches).toEqual([15, 16, 17, 18, 19, ...Array.from({ length: 15 }, (_, index) => 100 + index)])
  })

  test('looks at many lines in several steps', () => {
    const store = new LineStore(10_000)
    const search = new LineSearch('line 4999')
    store.add(lines(0, 5000), undefined)
    const steps = [1, 2, 3].map(() => search.update(store.rows, store.firstNumber))
    expect([steps, search.matches]).toEqual([[false, false, true], [4999]])
  })

  test('goes from match to match, and around', () => {
    const store = new LineStore(100)
    const search = new LineSearch('line 1')
    store.add(lines(0, 12), undefined)
    search.update(store.rows, store.firstNumber)
    expect([search.step(undefined, 1), search.step(1, 1), search.step(5, 1), search.step(11, 1)]).toEqual([
      1, 10, 10, 1,
    ])
    expect([search.step(undefined, -1), search.step(10, -1), search.step(1, -1)]).toEqual([11, 1, 11])
  })

  test('for nothing finds nothing', () => {
    const store = new LineStore(100)
    const search = new LineSearch('')
    store.add(lines(0, 12), undefined)
    search.update(store.rows, store.firstNumber)
    expect([search.matches, search.step(3, 1)]).toEqual([[], undefined])
  })
})

test('a text is cut into what is found and what is around it', () => {
  expect(partsOf('Timeout after timeout', 'timeout')).toEqual(['', 'Timeout', ' after ', 'timeout', ''])
  expect(partsOf('nothing', 'timeout')).toEqual(['nothing'])
  // Its small form is longer: positions would be wrong.
  expect(partsOf('İstanbul', 'stan')).toEqual(['İstanbul'])
})
