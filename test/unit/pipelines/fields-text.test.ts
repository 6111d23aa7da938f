import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ExactNumber, type Fields, type FieldValue, newFields } from '../../../src/pipelines/field-value.ts'
import { fieldsText, valueText } from '../../../src/pipelines/fields-text.ts'

/** Where the two ways to write JSON might differ: the engine's, and ours for values that hold exact numbers. */
const names = fc.oneof(
  fc.constantFrom('toJSON', '__proto__', 'constructor', 'length', '0', '10', '-1', '', '\ud800', 'a\u2028b'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const texts = fc.oneof(
  fc.constantFrom('\ud800', '\udc00\ud800', '"\\', '\u2028', '\u0000', '\u007f'),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.array(fc.integer({ min: 0xd7ff, max: 0xe000 }), { maxLength: 4 }).map((codes) => String.fromCharCode(...codes)),
)
const numbers = fc.oneof(
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

const { value: values } = fc.letrec<{ value: FieldValue; object: Fields }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(texts, numbers, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map(fieldsOf),
}))

function fieldsOf(members: readonly (readonly [string, FieldValue])[]): Fields {
  const fields = newFields()
  for (const [name, value] of members) fields[name] = value
  return fields
}

function nested(depth: number, innermost: FieldValue): Fields {
  let value = innermost
  for (let level = 1; level < depth; level++) value = level % 2 === 0 ? [value] : fieldsOf([['a', value]])
  return fieldsOf([['a', value]])
}

test('fields without exact numbers are written by the engine as they are by us', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(names, values), { maxLength: 4 }).map(fieldsOf), (fields) => {
      expect(fieldsText(fields)).toBe(valueText(fields))
    }),
    { numRuns: 2000 },
  )
})

test.each([397, 398, 399, 400, 401, 402, 403])('fields %d levels deep are written so too', (depth) => {
  for (const innermost of [1, 'a', [], newFields(), [-0], fieldsOf([['__proto__', '\ud800']])]) {
    const fields = nested(depth, innermost)
    expect(fieldsText(fields)).toBe(valueText(fields))
  }
})

test('an exact number stays as it was written, wherever it stands', () => {
  fc.assert(
    fc.property(values, names, (value, name) => {
      const fields = fieldsOf([
        ['a', value],
        [name, new ExactNumber('1.10')],
      ])
      expect(fieldsText(fields)).toContain(`:1.10`)
    }),
  )
})
