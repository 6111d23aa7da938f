import { expect, test } from '@jest/globals'
import { createRedactor, defaultRedaction, type RedactionRules } from '../../../src/pipelines/index.ts'
import { logMembers } from '../../../topologies/json-log.ts'
import { JsonMembers } from '../../../topologies/parsing/json-members.ts'
import { SecretPlaces } from '../../../topologies/secret-places.ts'

function placesOf(text: string, rules: RedactionRules = defaultRedaction) {
  const redactor = createRedactor(rules)
  const scan = new JsonMembers(logMembers)
  const bytes = Buffer.from(text)
  if (!scan.scan(bytes)) throw new Error(`not read: ${text}`)
  const places = new SecretPlaces(Object.keys(logMembers), (name) => redactor.isSecretName(name))
  const { bounds, count } = places.of(text, scan)
  const parts: string[] = []
  for (let index = 0; index < count; index += 2) parts.push(text.slice(bounds[index], bounds[index + 1]))
  return { parts, shown: redactor.redactJson(text, bytes, places), expected: redactor.redactJson(text) }
}

test('known names, small numbers and the usual time are not looked at', () => {
  const { parts } = placesOf('{"timestamp":"2026-11-24T08:30:00.000Z","service":"shop","durationMs":12,"message":"hi"}')
  expect(parts).toEqual(['"shop"', '"hi"'])
})

test('an unknown member is looked at with its name, also behind a known one', () => {
  const { parts } = placesOf('{"service":"shop","color":"red","message":"hi","size":4}')
  expect(parts).toEqual(['"shop","color":"red","message":"hi","size":4}'])
})

test('a known name that a rule hides is looked at with its value', () => {
  const { parts, shown } = placesOf('{"userId":"bob","durationMs":1}', {
    rules: [{ name: 'user', names: ['user id'] }],
  })
  expect(parts).toEqual(['{"userId":"bob"'])
  expect(shown).toBe('{"userId":"[redacted:user]","durationMs":1}')
})

test('an object without members has nothing to look at', () => {
  expect(placesOf('{}').parts).toEqual(['{}'])
})

test.each([
  '{"message":"card 4111 1111 1111 1111","statusCode":200}',
  '{"durationMs":4111111111111111,"message":"x"}',
  '{"timestamp":4111111111111111,"message":"x"}',
  '{"timestamp":"2026-11-24T08:30:00.000Z","token":"a1b2c3d4e5f6"}',
  '{"timestamp":"bob@shop.example        ","message":"x"}',
  '{"message":"été, bob@shop.example","password":"äöü","userId":"u-1"}',
  '{"message":"𝒳 password=hunter2","hostname":"bob@shop.example"}',
  '{"error":{"message":"x","password":"hunter2"},"service":"shop"}',
  '{"tags":["bob@shop.example"],"level":"info","cookie":"a=1f4c9b7d"}',
  '{"message":"password","service":"shop"}',
  '{"message":"token: ","service":"a1b2c3d4e5f6"}',
  '{"userId":"bob@shop.example","sessionId":"4111111111111111"}',
])('hides the same as where all is looked at: %s', (text) => {
  const { shown, expected } = placesOf(text)
  expect(shown).toBe(expected)
})
