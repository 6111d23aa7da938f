import { expect, test } from '@jest/globals'
import fc from 'fast-check'
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
