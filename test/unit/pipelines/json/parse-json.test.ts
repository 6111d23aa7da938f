import { describe, expect, test } from '@jest/globals'
import { fieldsText } from '../../../../src/pipelines/fields-text.ts'
import { ExactNumber, type FieldValue, isFields } from '../../../../src/pipelines/field-value.ts'
import { parseJson } from '../../../../src/pipelines/json/parse-json.ts'
import { bestOfMs } from '../../../support/best-of.ts'

function one(text: string): FieldValue | undefined {
  const values = parseJson(text)?.values
  return values?.length === 1 ? values[0] : undefined
}

/** As JSON, in one line. */
function written(text: string): string | undefined {
  const value = one(text)
  return isFields(value) ? fieldsText(value) : undefined
}

describe('JSON is read as JSON.parse reads it', () => {
  test.each([
    '{}',
    '{"a":1,"b":-2.5,"c":true,"d":false,"e":null,"f":"x"}',
    ' { "a" : [ 1 , { "b" : [ ] } , "c" ] } ',
    '{"a":"\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00e4 \\ud83d\\ude00"}',
    '{"a\\"b":"\\\\"}',
    '{"":""}',
    '{"a":"\\\\\\\\","b":"\\\\\\""}',
    '{"a":0,"b":-0.5,"c":1e3,"d":1E-7,"e":123456789012345}',
    '{"a":0.30000000000000004,"b":1.7976931348623157e308}',
    '{"ä":"日本"}',
  ])('%s', (text) => {
    expect(JSON.parse(written(text) ?? '')).toEqual(JSON.parse(text))
  })
})

describe('numbers are exact', () => {
  test.each([
    '1234567890123456789',
    '-9007199254740993',
    '0.12345678901234567890',
    '1e400',
    '1.00000000000000000001e5',
  ])('%s', (text) => {
    expect(written(`{"v":${text}}`)).toBe(`{"v":${text}}`)
    const value = one(`{"v":${text}}`)
    expect(isFields(value) && value.v).toEqual(new ExactNumber(text))
  })
})

describe('what loggers write by mistake is read', () => {
  test('the last of equal keys wins', () => {
    expect(written('{"a":1,"b":2,"a":3}')).toBe('{"a":3,"b":2}')
  })

  test('names of JavaScript are names', () => {
    expect(written('{"__proto__":{"a":1},"constructor":2,"toString":3}')).toBe(
      '{"__proto__":{"a":1},"constructor":2,"toString":3}',
    )
    const value = one('{}')
    expect(isFields(value) && value.constructor).toBeUndefined()
  })

  test('raw line feeds and tabs in strings', () => {
    expect(one('{"a":"x\n\ty"}')).toEqual({ a: 'x\n\ty' })
  })

  test('escapes that JSON does not have', () => {
    expect(one('{"a":"\\x22GET\\x20","b":"C:\\dir"}')).toEqual({ a: '"GET ', b: 'C:\\dir' })
  })

  test('numbers that are none', () => {
    expect(one('{"a":NaN,"b":Infinity,"c":-Infinity}')).toEqual({ a: 'NaN', b: 'Infinity', c: '-Infinity' })
  })

  test('byte order marks and NULs around values', () => {
    expect(one('\ufeff{"a":1}\u0000\u0000\n')).toEqual({ a: 1 })
  })

  test('several objects, one after another', () => {
    expect(parseJson('{"a":1}{"a":2}\n{"a":3}\n')?.values).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
  })
})

describe('what is nested deep', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth)}"]"${']'.repeat(depth)}}`

  test('is read to the bound, and stays text below it', () => {
    expect(parseJson(nested(50))?.isDeep).toBe(false)
    const deep = parseJson(nested(600))
    expect(deep?.isDeep).toBe(true)
    expect(JSON.stringify(deep?.values)).toContain(`${'['.repeat(501)}\\"]\\"${']'.repeat(501)}`)
  })

  test('does not exhaust the stack', () => {
    expect(parseJson(nested(400_000))?.isDeep).toBe(true)
    expect(parseJson('['.repeat(1_000_000))).toBeUndefined()
  })
})

describe('no JSON', () => {
  test.each([
    '',
    '   ',
    '{',
    '{"a":1',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '{"a":1} boom',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":-}',
    '{"a":"x}',
    '{"a":"x\\"}',
    '[1,]',
    '[1 2]',
    'tru',
    "{'a':1}",
    'boom',
  ])('%j', (text) => {
    expect(parseJson(text)).toBeUndefined()
  })
})

/** A list of objects of four members, of which no two have one name. */
function ofNewNames(members: number): string {
  const names = Array.from({ length: members }, (_, index) => `"${index}k":1`)
  return `[${names.map((member, index) => (index % 4 === 0 ? `{${member}` : member) + (index % 4 === 3 ? '}' : '')).join(',')}]`
}

test('objects of many different names are read as few are', () => {
  const text = ofNewNames(50_000)
  expect(JSON.stringify(parseJson(text)?.values)).toBe(`[${text}]`)
})

describe('a megabyte holds the loop for less than 50 ms', () => {
  const mebibyte = 1024 * 1024
  test.each([
    ['of backslashes', `{"a":"${'\\\\'.repeat(mebibyte / 2)}"}`],
    ['of escaped quotes', `{"a":"${'\\"'.repeat(mebibyte / 2)}`],
    ['of digits', `{"a":${'1'.repeat(mebibyte)}}`],
    ['of digits with a letter behind', `{"a":${'1'.repeat(mebibyte)}x`],
    ['of open brackets', '['.repeat(mebibyte)],
    ['of open objects', '{"a":'.repeat(mebibyte / 5)],
    ['of blanks', ' '.repeat(mebibyte)],
    ['of quotes', '"'.repeat(mebibyte)],
    ['of strings', `[${'"",'.repeat(mebibyte / 3)}`],
    ['of strings before a backslash', `[${'"a",'.repeat(mebibyte / 4)}"\\n"]`],
    ['of small objects', '{"a":1}'.repeat(mebibyte / 7)],
    ['of objects whose names are all different', ofNewNames(80_000)],
  ])('%s', (_, text) => {
    expect(bestOfMs(() => parseJson(text), 50)).toBeLessThan(50)
  })
})
