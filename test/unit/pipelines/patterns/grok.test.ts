import { describe, expect, test } from '@jest/globals'
import { newFields, type Fields } from '../../../../src/pipelines/field-value.ts'
import { grok, type PatternLibrary } from '../../../../src/pipelines/patterns/grok.ts'
import { grokLibrary } from '../../../../src/pipelines/patterns/grok-library.ts'
import { readPatternFile } from '../../../../src/pipelines/patterns/pattern-files.ts'

function matched(expression: string, text: string, own?: PatternLibrary): unknown {
  const fields: Fields = newFields()
  return grok(expression, own).match(text, fields) ? JSON.parse(JSON.stringify(fields)) : undefined
}

describe('grok', () => {
  test('reads a combined access log with the name that Logstash has for it', () => {
    const line =
      '192.0.2.7 - bob [24/Nov/2026:07:59:59 +0000] "GET /a?b=c HTTP/1.1" 200 1234 "https://shop.example.com/" "curl/8"'
    expect(matched('%{COMBINEDAPACHELOG}', line)).toEqual({
      clientip: '192.0.2.7',
      ident: '-',
      auth: 'bob',
      timestamp: '24/Nov/2026:07:59:59 +0000',
      verb: 'GET',
      request: '/a?b=c',
      httpversion: '1.1',
      response: 200,
      bytes: 1234,
      referrer: '"https://shop.example.com/"',
      agent: '"curl/8"',
    })
  })

  test('reads a line of syslog', () => {
    expect(matched('%{SYSLOGLINE}', 'Nov  4 07:59:59 host1 sshd[1234]: Connection closed')).toEqual({
      timestamp: 'Nov  4 07:59:59',
      logsource: 'host1',
      program: 'sshd',
      pid: 1234,
      message: 'Connection closed',
    })
  })

  test('reads a frame of a stack trace of Java', () => {
    expect(matched('%{JAVASTACKTRACEPART}', '\tat com.example.App.main(App.java:12)')).toEqual({
      class: 'com.example.App',
      method: 'main',
      file: 'App.java',
      line: 12,
    })
  })

  test('sets nested fields and makes numbers of captures with a type', () => {
    expect(
      matched('%{IP:[source][ip]} took %{NUMBER:took:float} of %{INT:of:int}', '2001:db8::7 took 1.5 of 20'),
    ).toEqual({ source: { ip: '2001:db8::7' }, took: 1.5, of: 20 })
  })

  test('finds its expression anywhere in a text, and captures inline', () => {
    expect(matched('code=(?<error.code>[A-Z]+-\\d+)', 'failed with code=ORA-00942 today')).toEqual({
      error: { code: 'ORA-00942' },
    })
  })

  test('groups without a name capture nothing', () => {
    expect(matched('(a|b)(c) %{WORD:word} [(]x[)]', 'bc word (x)')).toEqual({ word: 'word' })
  })

  test('what cannot be a number stays text', () => {
    expect(matched('%{INT:id:int}', '12345678901234567890')).toEqual({ id: '12345678901234567890' })
  })

  test('takes patterns of files, which may use those of the library', () => {
    const own = readPatternFile('# orders\nORDER ord-%{INT:order:int}\n', 'own')
    expect(matched('%{ORDER} %{WORD:state}', 'ord-17 paid', own)).toEqual({ order: 17, state: 'paid' })
  })

  test('leaves the fields alone where nothing fits', () => {
    expect(matched('%{IP:ip}', 'no address')).toBeUndefined()
  })

  test.each(Object.keys(grokLibrary))('compiles %s of its library', (name) => {
    expect(() => grok(`%{${name}}`)).not.toThrow()
  })

  test('names an unknown pattern', () => {
    expect(() => grok('%{NOPE:x}')).toThrow('there is no pattern NOPE: define it, or correct its name')
  })

  test.each(['%{IP:ip', '%{IP:[source][ip]', 'a %{} b', '%{INT:n:}', '%{not a name}'])(
    'refuses %s, which is no reference',
    (expression) => expect(() => grok(expression)).toThrow('is no reference to a pattern: write %{NAME}'),
  )

  test.each([
    ['%\\{(?<x>\\w+)', 'a %{b'],
    ['[%{](?<x>b)', 'a %{b'],
  ])('takes %s for the characters themselves', (expression, text) => {
    expect(matched(expression, text)).toEqual({ x: 'b' })
  })

  test('names a circle', () => {
    expect(() => grok('%{A}', { A: '%{B}', B: '%{A}' })).toThrow('pattern A refers to itself: A > B > A')
  })

  test('names a type that it does not know', () => {
    expect(() => grok('%{INT:x:date}')).toThrow("x cannot become 'date': use int, float, boolean or string")
  })

  test('refuses what would not be linear, and says so', () => {
    expect(() => grok('(a+)\\1')).toThrow(
      'the expression (a+)\\1 cannot be read (invalid escape sequence: `\\1`): write it without lookarounds, backreferences and atomic groups',
    )
  })

  test('names file and line of a pattern without an expression', () => {
    expect(() => readPatternFile('A x\nB\n', 'own.patterns')).toThrow('own.patterns:2 is no pattern')
  })
})
