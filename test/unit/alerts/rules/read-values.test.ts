import { expect, test } from '@jest/globals'
import { groupValue, measuredText } from '../../../../src/alerts/rules/read-values.ts'

const begin = 'x'.repeat(2000)

test.each([
  ['groups', groupValue, 200],
  ['distinct values and terms', measuredText, 1000],
] as const)('long values of %s that begin alike stay different, and are cut once', (_, read, lengthMax) => {
  const [one, other] = [read(`${begin}1`) ?? '', read(`${begin}2`) ?? '']
  expect(one).not.toBe(other)
  expect([one.length, read(one)]).toEqual([lengthMax, one])
  expect(one).toMatch(/^x+~[0-9a-f]{12}$/)
})

test('a value that is not too long is not changed', () => {
  expect(groupValue('y'.repeat(200))).toBe('y'.repeat(200))
})
