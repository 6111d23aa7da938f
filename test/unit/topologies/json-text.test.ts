import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isoTime } from '../../../topologies/parsing/iso-time.ts'
import { epochMsText, epochSecondsText, jsonText } from '../../../topologies/parsing/json-text.ts'

test('a text is written as JSON.stringify writes it', () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
  fc.assert(fc.property(texts, (text) => expect(jsonText(text)).toBe(JSON.stringify(text))))
})

test('a time is written as the number that it is', () => {
  const times = fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.integer(), fc.double({ noNaN: true }))
  fc.assert(
    fc.property(times, (timestamp) => {
      expect(epochMsText(timestamp)).toBe(String(timestamp))
      expect(epochSecondsText(timestamp)).toBe(String(timestamp / 1000))
    }),
  )
})

describe('a time in the usual form', () => {
  test('is read as Date.parse reads it', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        expect(isoTime(`"${date.toISOString()}"`, 1)).toBe(date.getTime())
      }),
    )
  })

  test.each([
    '2026-11-24T08:30:00Z',
    '2026-11-24 08:30:00.000Z',
    '2026-11-24T08:30:00.000+',
    '2026-13-24T08:30:00.000Z',
    '2026-11-24T24:30:00.000Z',
    '2026-11-24T08:60:00.000Z',
    '2026-11-24T08:30:60.000Z',
    '2026-11-24T08:30:00.0x0Z',
    '2026-11-24T08.30:00.000Z',
    '',
  ])('is not %j', (text) => expect(isoTime(text, 0)).toBeNaN())
})
