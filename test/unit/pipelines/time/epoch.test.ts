import { expect, test } from '@jest/globals'
import { ExactNumber } from '../../../../src/pipelines/field-value.ts'
import { epochOf } from '../../../../src/pipelines/time/epoch.ts'

const expected = Date.UTC(2026, 10, 24, 8, 0, 0, 123)

test.each([
  ['seconds', 1795507200.123],
  ['milliseconds', 1795507200123],
  ['microseconds', 1795507200123456],
  ['nanoseconds', 1795507200123456800],
  ['seconds as text', '1795507200.123'],
  ['nanoseconds as text', '1795507200123456789'],
  ['exact nanoseconds', new ExactNumber('1795507200123456789')],
  ['an exact exponent', new ExactNumber('1.795507200123e12')],
])('%s since 1970 are a time', (_, value) => {
  expect(epochOf(value)).toBe(expected)
})

test.each([
  ['a duration', 0.005],
  ['a counter', 42],
  ['less than nothing', -1795507200],
  ['more than a time has', 1e22],
  ['no number', Number.NaN],
  ['a word', 'boom'],
  ['a long decimal', new ExactNumber('0.1234567890123456789')],
])('%s is no time', (_, value) => {
  expect(epochOf(value)).toBeUndefined()
})
