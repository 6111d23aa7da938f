import { describe, expect, test } from '@jest/globals'
import { accountOf } from '../../../bench/replay/id-account.ts'

const live = new Map([['w', ['a', 'b']]])

function account(ids: readonly string[], ...kills: readonly (readonly string[])[]) {
  return accountOf(
    live,
    new Map([['w', ids]]),
    kills.map((one) => new Set(one)),
  )
}

describe('the account of a replay check', () => {
  test('is equal with the same ids, in any order', () => {
    expect(account(['b', 'a'])).toMatchObject({ equal: 1, repeated: 0, lost: 0, unexplained: 0 })
  })

  test('allows an id once more for each kill after which it was done again', () => {
    expect(account(['a', 'a', 'a', 'b'], ['a'], ['a'])).toMatchObject({ repeated: 2, lost: 0, unexplained: 0 })
  })

  test('does not allow an id more often than the kills explain', () => {
    expect(account(['a', 'a', 'a', 'b'], ['a'])).toMatchObject({ repeated: 0, unexplained: 1 })
  })

  test('does not allow an id twice that no kill was about', () => {
    expect(account(['a', 'a', 'b'], ['b'])).toMatchObject({ unexplained: 1, samples: ['unexplained: a of w'] })
  })

  test('allows no loss, whatever a kill was about', () => {
    expect(account(['a'], ['b'])).toMatchObject({ lost: 1, samples: ['lost: b of w'] })
  })

  test('allows no id that the live application does not have', () => {
    expect(account(['a', 'b', 'c'], ['c'])).toMatchObject({ unexplained: 1 })
  })
})
