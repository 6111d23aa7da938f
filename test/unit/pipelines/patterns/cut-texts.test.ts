import { describe, expect, test } from '@jest/globals'
import { newFields, type Fields } from '../../../../src/pipelines/field-value.ts'
import { readCef } from '../../../../src/pipelines/patterns/cef.ts'
import { csvValues } from '../../../../src/pipelines/patterns/csv.ts'
import { dissect } from '../../../../src/pipelines/patterns/dissect.ts'
import { readKeyValues } from '../../../../src/pipelines/patterns/key-values.ts'
import { readLeef } from '../../../../src/pipelines/patterns/leef.ts'
import { octetCounted } from '../../../../src/pipelines/patterns/octet-counted.ts'
import { readXml } from '../../../../src/pipelines/patterns/xml.ts'

function read(into: (fields: Fields) => unknown): unknown {
  const fields = newFields()
  into(fields)
  return JSON.parse(JSON.stringify(fields))
}

describe('dissect', () => {
  test('cuts at delimiters', () => {
    const cut = dissect('%{time} [%{level}] %{message}')
    expect(read((fields) => cut.match('07:59:59 [warn] it is slow', fields))).toEqual({
      time: '07:59:59',
      level: 'warn',
      message: 'it is slow',
    })
  })

  test('appends, skips, pads and takes names from the text', () => {
    const cut = dissect('%{+date} %{+date} %{level->} %{?skipped} %{*key}=%{&key}')
    expect(read((fields) => cut.match('Nov 24 warn    x user=bob', fields))).toEqual({
      date: 'Nov 24',
      level: 'warn',
      user: 'bob',
    })
  })

  test.each([
    ['joins appended parts by the delimiter in front of them', '%{a}-%{+a} %{b}', 'x-y z', { a: 'x-y', b: 'z' }],
    ['appends parts in the order that they name', '%{+a/2} %{+a/1} %{b}', 'x y z', { a: 'y x', b: 'z' }],
    ['takes a skipped part as a name where a value asks for it', '%{?k}: %{&k};%{?no}', 'user: bob;x', { user: 'bob' }],
  ])('%s', (_, mapping, text, expected) => {
    expect(read((fields) => dissect(mapping).match(text, fields))).toEqual(expected)
  })

  test('sets nothing where a delimiter is missing', () => {
    const fields = newFields()
    expect(dissect('%{a}|%{b}').match('no bar', fields)).toBe(false)
    expect(Object.keys(fields)).toEqual([])
  })

  test('needs a delimiter between two fields', () => {
    expect(() => dissect('%{a}%{b}')).toThrow('nothing stands between %{a} and the field behind it')
  })
})

describe('pairs', () => {
  test('are read with quotes and escapes', () => {
    expect(read((fields) => readKeyValues('user=bob msg="say \\"hi\\"\\n" empty= flag a=1 a=2', fields))).toEqual({
      user: 'bob',
      msg: 'say "hi"\n',
      empty: '',
      a: ['1', '2'],
    })
  })

  test('may have other signs', () => {
    const options = { equals: ':', separators: ';、' }
    expect(read((fields) => readKeyValues('a:1;b:two words、c:3', fields, options))).toEqual({
      a: '1',
      b: 'two words',
      c: '3',
    })
  })
})

describe('rows of CSV', () => {
  test('may have quotes, and separators within', () => {
    expect(csvValues('a,"b ""c"", d",,e')).toEqual(['a', 'b "c", d', '', 'e'])
  })

  test('may have another separator and another quote', () => {
    expect(csvValues("a;'b;''c'", { separator: ';', quote: "'" })).toEqual(['a', "b;'c"])
  })
})

test('CEF has a header and an extension whose values may hold blanks', () => {
  const line = 'CEF:0|Acme|Wall \\| Gate|1.0|100|worm stopped|10|src=192.0.2.1 msg=a worm was \\= stopped dpt=80'
  expect(read((fields) => readCef(line, fields))).toEqual({
    version: '0',
    vendor: 'Acme',
    product: 'Wall | Gate',
    productVersion: '1.0',
    eventClass: '100',
    name: 'worm stopped',
    severity: '10',
    extension: { src: '192.0.2.1', msg: 'a worm was = stopped', dpt: '80' },
  })
})

test('LEEF 2.0 names its delimiter', () => {
  const line = 'LEEF:2.0|Acme|Gate|1.0|deny|^|src=192.0.2.1^sev=5^msg=a b'
  expect(read((fields) => readLeef(line, fields))).toEqual({
    version: '2.0',
    vendor: 'Acme',
    product: 'Gate',
    productVersion: '1.0',
    eventId: 'deny',
    extension: { src: '192.0.2.1', sev: '5', msg: 'a b' },
  })
})

test('XML becomes fields, with attributes, lists and text', () => {
  const text =
    '<?xml version="1.0"?><Event xmlns=\'e\'><!-- x --><Data Name="a">1 &lt; 2</Data><Data>b</Data><Empty/></Event>'
  expect(JSON.parse(JSON.stringify(readXml(text)))).toEqual({
    Event: { '@xmlns': 'e', Data: [{ '@Name': 'a', '#text': '1 < 2' }, 'b'], Empty: '' },
  })
})

test.each(['<a><b></a></b>', 'no markup', '<a', '<a x=1/>', '<a>'])('%s is no XML', (text) => {
  expect(readXml(text)).toBeUndefined()
})

test('messages of syslog that count their octets are taken apart', () => {
  expect(octetCounted('12 <13>1 - ä -12 <13>1 - b -')).toEqual(['<13>1 - ä -', '<13>1 - b -'])
  expect(octetCounted('12 <13>1 - ä -12 <1')).toEqual(['<13>1 - ä -', '<1'])
  expect(octetCounted('<13>Nov 24 07:59:59 h x')).toBeUndefined()
  expect(octetCounted('1 <1 <1 <')).toBeUndefined()
})
