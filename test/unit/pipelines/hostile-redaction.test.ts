import { describe, expect, test } from '@jest/globals'
import { createRedactor, type Fields } from '../../../src/pipelines/index.ts'
import { bestOfMs } from '../../support/best-of.ts'

const mebibyte = 1024 * 1024
const redactor = createRedactor()

/** Signs of secrets, alone and with what nearly makes them one. */
const signs = [
  'password=',
  '123-45-',
  'eyJhbGciOiJI.',
  '\\',
  'a',
  'pwd="',
  '@',
  '+1',
  '4111 ',
  '4111111111111111 ',
  'sk-',
  '<password>',
  'password%22',
  'bearer ',
  'secret key ',
  'pwd=[]',
  'pwd=x; ',
  'set-cookie: a',
  'authorization: ',
  'token: abc1234 ',
  'a@b.co ',
  'DE89 ',
  '%22pwd',
  'pwd\r\n\r\n',
  '://a@',
]
const pieces = [...signs, ...signs.map((sign, index) => sign + signs[(index + 7) % signs.length])]

function filled(piece: string, length = mebibyte): string {
  return piece.repeat(Math.floor(length / piece.length))
}

function escaped(text: string): string {
  return Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
}

/** As many of them as are written in 1 MiB. */
function listOf(piece: string): string[] {
  return Array<string>(Math.floor(mebibyte / (JSON.stringify(piece).length + 1))).fill(piece)
}

function keysOf(piece: string): Fields {
  const count = Math.floor(mebibyte / (JSON.stringify(piece).length + 8))
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [index + piece, 1]))
}

describe.each(pieces)('1 MiB of %j is redacted within 50 ms', (piece) => {
  test('in a text', () => {
    const text = filled(piece)
    expect(bestOfMs(() => redactor.redactText(text), 50)).toBeLessThan(50)
  })

  test.each([
    ['a text of JSON', JSON.stringify({ message: filled(piece, mebibyte / 2) })],
    ['a text of JSON, in escapes', `{"message":"${escaped(filled(piece, mebibyte / 6))}"}`],
    ['a list of JSON', JSON.stringify({ list: listOf(piece) })],
    ['keys of JSON', JSON.stringify(keysOf(piece))],
  ])('in %s', (_, json) => {
    expect(bestOfMs(() => redactor.redactJson(json), 50)).toBeLessThan(50)
  })

  test.each<[string, () => Fields]>([
    ['a field', () => ({ message: filled(piece) })],
    ['a list of fields', () => ({ list: listOf(piece) })],
    ['names of fields', () => keysOf(piece)],
  ])('in %s', (_, fields) => {
    let next = fields()
    const tookMs = bestOfMs(() => redactor.redactFields(next), 50)
    next = fields()
    expect(
      Math.min(
        tookMs,
        bestOfMs(() => redactor.redactFields(next), 50),
      ),
    ).toBeLessThan(50)
  })
})

const secret = 'password=tr0ub4dor, jane.doe@example.com'
const signsMost = 16_384

describe('where a document holds more signs than are looked at', () => {
  const many = filled('sk- ', 5 * signsMost)

  test('a text ends with a mask, and its beginning stays', () => {
    const hidden = redactor.redactText(`begin ${many} ${secret}`)
    expect(hidden.slice(0, 12)).toBe('begin sk- sk')
    expect(hidden.slice(-17)).toBe('[redacted:unread]')
    expect(redactor.found).toEqual(['unread'])
  })

  test('nothing that stands before the sign at which it ends is shown', () => {
    for (let signsBefore = signsMost - 3; signsBefore <= signsMost + 3; signsBefore++) {
      const before = 'sk- '.repeat(signsBefore)
      const hidden = redactor.redactText(`${before}jane.doe@example.com 4111 1111 1111 1111 `)
      expect(/jane|4111/.exec(hidden)?.[0]).toBeUndefined()
      expect(redactor.redactText(`${before}app:${'z'.repeat(505)}@tcp(db)`).includes('z')).toBe(false)
    }
  })

  test.each([
    ['another text', { a: many, b: `x ${secret}` }],
    ['a list', { a: many, list: [`x ${secret}`, 'y'] }],
    ['escapes', { a: many, b: `"\n${secret}` }],
    ['a value behind a name', { a: many, dbPassword: 'tr0ub4dor', pin: 12_345 }],
    ['a key', { a: many, [secret]: 1 }],
    ['deeper fields', { a: many, b: { c: { dbPassword: ['tr0ub4dor'], d: secret } } }],
  ])('%s is hidden as well', (_, fields) => {
    const json = redactor.redactJson(JSON.stringify(fields))
    expect(json).not.toMatch(/tr0ub4dor|jane|12345/)
    expect(JSON.parse(json)).toBeDefined()
    expect(redactor.found).toContain('unread')
    const event = structuredClone(fields) as Fields
    expect(redactor.redactFields(event)).toContain('unread')
    expect(JSON.stringify(event)).not.toMatch(/tr0ub4dor|jane|12345/)
  })

  test('numbers and texts without signs stay', () => {
    const event: Fields = { a: many, level: 'info', durationMs: 12, time: '2026-11-24T07:59:59.123Z' }
    redactor.redactFields(event)
    expect(event).toMatchObject({ level: 'info', durationMs: 12, time: '2026-11-24T07:59:59.123Z' })
  })

  test('a field whose name was asked for keeps its number', () => {
    const asked = createRedactor()
    expect(asked.isSecretName('statusCode')).toBe(false)
    const names = Array.from({ length: 30_000 }, (_, index) => [`${index}code`, 5] as const)
    const event: Fields = { ...Object.fromEntries(names), statusCode: 200 }
    asked.redactFields(event)
    expect(event).toMatchObject({ '1code': 5, '29999code': '[redacted:unread]', statusCode: 200 })
  })

  test('the next document is looked at again', () => {
    redactor.redactText(many)
    expect(redactor.redactText('sk- ann')).toBe('sk- ann')
    expect(redactor.found).toEqual([])
  })
})

test('a document of 1 MiB may be a list of times in milliseconds', () => {
  const text = filled('1764374400123 ')
  expect(redactor.redactText(text)).toBe(text)
})
