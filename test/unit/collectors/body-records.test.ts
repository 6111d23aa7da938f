import { expect, test } from '@jest/globals'
import { arrayItems } from '../../../src/collectors/http/array-items.ts'
import { bodyFormOf, recordsOf } from '../../../src/collectors/http/body-records.ts'

const textsOf = (bytes: readonly Uint8Array[]) => bytes.map((one) => Buffer.from(one).toString())

test.each([
  ['[]', []],
  ['[ ]', []],
  [' {"a":1} ', ['{"a":1}']],
  ['[{"a":1},{"b":[1,{"c":"],}"}]} , "x,\\"]" ]', ['{"a":1}', '{"b":[1,{"c":"],}"}]}', '"x,\\"]"']],
  ['[\n  {"id": 12345678901234567890}\n]', ['{"id": 12345678901234567890}']],
  ['["\\\\",1]', ['"\\\\"', '1']],
])('the items of %s are what stands there', (text, items) => {
  expect(textsOf(arrayItems(Buffer.from(text)))).toEqual(items)
})

test.each([
  [
    'lines of JSON',
    '{"a":1}\r\n\n{"a":\n7\n{"long":"0123456789"}\n{"b":2}',
    ['{"a":1}', '{"b":2}'],
    [
      [3, 'not-json'],
      [4, 'not-json'],
      [5, 'too-large'],
    ],
  ],
  ['JSON', '[{"a":1}, 2, {"b":2}]', ['{"a":1}', '{"b":2}'], [[2, 'not-json']]],
  ['lines of text', 'one\n  two\n', ['one', '  two'], []],
] as const)('%s are taken one by one', (form, text, taken, refused) => {
  const records = recordsOf(Buffer.from(text), form, 20)
  if ('status' in records) throw new Error(records.reason)
  expect(textsOf(records.taken)).toEqual(taken)
  expect(records.refused.map(({ record, reason }) => [record, reason])).toEqual(refused)
})

test('no refusal repeats what was sent', () => {
  const secret = 'hunter2'
  const records = recordsOf(Buffer.from(`{"password":${secret}}\n\xff${secret}\n`, 'latin1'), 'lines of JSON', 100)
  expect(JSON.stringify(records)).not.toContain(secret)
  expect(JSON.stringify(recordsOf(Buffer.from(secret), 'JSON', 100))).not.toContain(secret)
})

test.each([
  ['JSON', '{"a":', 400],
  ['lines of JSON', '\n\n', 400],
  ['lines of text', '', 400],
  ['lines of text', 'x\n'.repeat(100_001), 413],
] as const)('%s are refused as a whole where nothing can be taken', (form, text, status) => {
  expect(recordsOf(Buffer.from(text), form, 100)).toMatchObject({ status })
})

test('another type is refused, with those that are taken', () => {
  expect(bodyFormOf('application/x-www-form-urlencoded')).toMatchObject({
    status: 415,
    reason: expect.stringContaining('application/x-ndjson'),
  })
  expect(bodyFormOf('Application/JSON; charset=utf-8')).toBe('JSON')
})
