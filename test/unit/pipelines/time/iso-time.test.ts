import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isoMs } from '../../../../src/pipelines/index.ts'

const context = { receivedMs: Date.UTC(2026, 10, 24) }
const read = (text: string): number => isoMs(text, 0, text.length, context)

describe('a time in the form of ISO 8601', () => {
  test('is read as Date.parse reads it, at any place of a text', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }), (date) => {
        const text = `{"a":"${date.toISOString()}"}`
        expect(isoMs(text, 6, text.length - 2, context)).toBe(date.getTime())
      }),
    )
  })

  test.each([
    '2026-11-24T08:30:00.000+',
    '2026-13-24T08:30:00.000Z',
    '2026-02-29T08:30:00.000Z',
    '2026-11-24T24:30:00.000Z',
    '2026-11-24T08:60:00.000Z',
    '2026-11-24T08:30:60.000Z',
    '2026-11-24T08:30:00.0x0Z',
    '2026-11-24T08.30:00.000Z',
    '',
  ])('is not %j', (text) => expect(read(text)).toBeNaN())

  test('ends where it is said to end', () => {
    const text = '2026-11-24T08:30:00.000Z5'
    expect(isoMs(text, 0, text.length - 1, context)).toBe(Date.UTC(2026, 10, 24, 8, 30))
    expect(read(text)).toBeNaN()
  })
})
