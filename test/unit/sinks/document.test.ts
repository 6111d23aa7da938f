import { describe, expect, test } from '@jest/globals'
import { dailyName } from '../../../src/sinks/daily-name.ts'
import { encodeDocument } from '../../../src/sinks/document.ts'

describe('a document', () => {
  test('of bytes or of a value that gives them is written as it came', () => {
    const bytes = Buffer.from('{"b": 1.50, "a": "ü"}')
    expect(encodeDocument(bytes)).toBe(bytes)
    expect(encodeDocument({ toBytes: () => bytes })).toBe(bytes)
  })

  test('that spans lines is written on one', () => {
    expect(encodeDocument(Buffer.from('{\n  "a": "x\\ny"\n}\n'))).toBe('{"a":"x\\ny"}')
  })

  test('of bytes that are no UTF-8 is written with marks where the others would be', () => {
    expect(encodeDocument(Buffer.from('{"a":"\xff"}', 'latin1'))).toBe('{"a":"\ufffd"}')
  })

  const circle: Record<string, unknown> = {}
  circle.self = circle
  test.each([
    ['an array', [1]],
    ['text', 'text'],
    ['null', null],
    ['undefined', undefined],
    ['a function', () => {}],
    ['bytes of an array', Buffer.from('[1]')],
    ['no bytes', Buffer.alloc(0)],
    ['bytes that are no JSON, on two lines', Buffer.from('{"a":\n')],
    ['a circle', circle],
    ['a big integer', { big: 1n }],
  ])('is not made of %s', (_name, value) => {
    expect(() => encodeDocument(value)).toThrow(
      expect.objectContaining({ code: 'DOCUMENT_INVALID', consequence: 'record' }),
    )
  })
})

describe('a daily name', () => {
  test('changes at midnight UTC and goes back with a late event', () => {
    const nameOf = dailyName('logs-YYYY.MM.DD')
    const midnight = Date.UTC(2024, 1, 29)
    expect([midnight - 1, midnight, midnight - 1, 0].map(nameOf)).toEqual([
      'logs-2024.02.28',
      'logs-2024.02.29',
      'logs-2024.02.28',
      'logs-1970.01.01',
    ])
  })

  test('without a day is what it is, whatever the time', () => {
    expect([0, Number.NaN].map(dailyName('alerts'))).toEqual(['alerts', 'alerts'])
  })

  test('refuses a time that no day has', () => {
    const nameOf = dailyName('logs-YYYY')
    expect(nameOf(Date.UTC(9999, 11, 31))).toBe('logs-9999')
    for (const timestamp of [Number.NaN, -1, Date.UTC(10_000, 0, 1)]) {
      expect(() => nameOf(timestamp)).toThrow(expect.objectContaining({ consequence: 'record' }))
    }
  })
})
