import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { escaped, plainText, textPattern } from '../../../../src/detection/sigma/text-pattern.ts'

/** The same with an expression, which may take much longer. */
function reference(value: string, around = ''): RegExp {
  let source = ''
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at)
    if (character === '*') source += '.*'
    else if (character === '?') source += '.'
    else if (character === '\\' && /[*?\\]/.test(value.charAt(at + 1))) source += `\\${value.charAt(++at)}`
    else source += character.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
  }
  return new RegExp(`^${around}${source}${around}$`, 's')
}

const value = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\', '.'), maxLength: 8 })
const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '\\', '.'), maxLength: 10 })

test('a value matches what its wildcards say', () => {
  fc.assert(
    fc.property(value, text, (pattern, one) => {
      expect(textPattern(pattern, 'whole', true)(one)).toBe(reference(pattern).test(one))
      expect(textPattern(pattern, 'anywhere', true)(one)).toBe(reference(pattern, '.*').test(one))
    }),
    { numRuns: 2000 },
  )
})

test('a literal that is escaped matches itself alone', () => {
  fc.assert(
    fc.property(text, text, (literal, other) => {
      expect(plainText(escaped(literal))).toBe(literal)
      expect(textPattern(escaped(literal), 'whole', true)(other)).toBe(literal === other)
    }),
  )
})

test('many wildcards take no time', () => {
  const pattern = textPattern(`${'a*'.repeat(50)}b?c`, 'anywhere', true)
  expect(pattern('a'.repeat(100_000))).toBe(false)
})
