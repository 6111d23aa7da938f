import fc from 'fast-check'

/** Names that JSON, objects or the table of names treat in their own way; `ab` and `ba`-like names share a hash. */
export const oddNames = [
  'a',
  'aa',
  'ab',
  'axb',
  'ayb',
  '',
  'é',
  '😀',
  '__proto__',
  '"',
  '\\',
  '\u0000',
  '\ud800',
  'hasOwnProperty',
  '0',
]

/** A text with a random part of its characters written as escapes. */
const stringText = fc
  .tuple(
    fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...oddNames)),
    fc.infiniteStream(fc.nat(5)),
  )
  .map(([text, draws]) => {
    let written = '"'
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const mustEscape = code < 0x20 || code === 0x22 || code === 0x5c || (code >= 0xd800 && code < 0xe000)
      const draw = draws.next().value
      if (draw === 0 || mustEscape) written += `\\u${code.toString(16).padStart(4, '0')}`
      else written += text[at]
    }
    return `${written}"`
  })
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
  fc.constantFrom(
    '-0',
    '0',
    '1e999',
    '-1E+999',
    '1e-999',
    '0.0e0',
    '9007199254740993',
    '9007199254740992',
    '9007199254740991',
  ),
  fc.constantFrom(
    '5e-324',
    '1.7976931348623157e308',
    '1.7976931348623159e308',
    '0.1234567890123456789012',
    '-9007199254740993',
  ),
  fc.constantFrom('123456789012345', '1234567890123456', '-123456789012345', '1.50', '100000000000000000000000000'),
)
export const blank = fc.constantFrom('', '', '', '', ' ', '\n', '\t \r\n')

export const { value: valueText, object: objectText } = fc.letrec<{ value: string; object: string; array: string }>(
  (tie) => {
    const part = fc.tuple(blank, tie('value'), blank).map((parts) => parts.join(''))
    const member = fc
      .tuple(blank, stringText, blank, part)
      .map(([before, name, after, value]) => `${before}${name}${after}:${value}`)
    return {
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('true', 'false', 'null', '""', '[]', '{}'),
        stringText,
        numberText,
        tie('array'),
        tie('object'),
      ),
      array: fc
        .tuple(blank, fc.array(part, { maxLength: 4 }))
        .map(([inner, parts]) => `[${parts.length === 0 ? inner : parts.join(',')}]`),
      object: fc
        .tuple(blank, fc.array(member, { maxLength: 8 }))
        .map(([inner, parts]) => `{${parts.length === 0 ? inner : parts.join(',')}}`),
    }
  },
)
