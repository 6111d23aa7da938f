import { expect, test } from '@jest/globals'
import { decodeChange, encodeChange } from '../../../../src/runtime/task/change-codec.ts'
import type { Serde } from '../../../../src/serde/serde.ts'
import { text } from '../topology-fixture.ts'

const serde = text as Serde<unknown>
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

// Bytes that Kafka Streams 4.3 wrote; the long ones need two bytes for the length of the new value.
const golden: readonly (readonly [string | null, string | null, string])[] = [
  ['new', null, '6e657701'],
  [null, 'old', '6f6c6400'],
  ['new', 'old', '066e65776f6c6402'],
  ['', 'old', '006f6c6402'],
  ['new', '', '066e657702'],
  ['', null, '01'],
  [null, '', '00'],
  ['x'.repeat(200), 'o', `9003${'78'.repeat(200)}6f02`],
  ['n'.repeat(63), 'o', `7e${'6e'.repeat(63)}6f02`],
  ['n'.repeat(64), 'o', `8001${'6e'.repeat(64)}6f02`],
]

test.each(golden)('new %j and old %j', (newValue, oldValue, bytes) => {
  const change = { newValue, oldValue, isLatest: true }
  expect(hex(encodeChange(change, serde, 't', []))).toBe(bytes)
  expect(decodeChange(Buffer.from(bytes, 'hex'), serde, 't', [])).toEqual(change)
})

test('reads the form that says whether the row is the latest', () => {
  expect(decodeChange(Buffer.from('6e65770004', 'hex'), serde, 't', [])).toEqual({
    newValue: 'new',
    oldValue: null,
    isLatest: false,
  })
})

test.each(['', '09', '7e6e02'])('refuses %j', (bytes) => {
  expect(() => decodeChange(Buffer.from(bytes, 'hex'), serde, 't', [])).toThrow(
    expect.objectContaining({ code: 'CHANGE_MALFORMED', consequence: 'record' }),
  )
})
