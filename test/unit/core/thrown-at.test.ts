import { expect, test } from '@jest/globals'
import { MillraceError, thrownAt } from '../../../src/core/errors.ts'

test('the place is that of the innermost cause', () => {
  const cause = new Error('of the user')
  const error = new MillraceError('RECORD_FAILED', 'fatal', 'outside', { cause: new Error('between', { cause }) })
  expect(thrownAt(error)).toMatch(/^at .*thrown-at\.test\.ts:5/)
})

test('an error of ours has none, nor has anything else that was thrown', () => {
  expect(thrownAt(new MillraceError<'A'>('A', 'record', 'a sentence'))).toBeUndefined()
  for (const thrown of ['text', undefined, null, 3, {}]) expect(thrownAt(thrown)).toBeUndefined()
})

test('causes that go round end', () => {
  const error = new Error('round')
  error.cause = error
  expect(thrownAt(error)).toMatch(/^at /)
})
