import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createRedactor, defaultRedaction, type RedactionRules } from '../../../src/pipelines/index.ts'
import { logMembers } from '../../../topologies/json-log.ts'
import { JsonMembers } from '../../../topologies/parsing/json-members.ts'

const everyDetector: RedactionRules = {
  rules: [
    ...defaultRedaction.rules,
    { name: 'ip', detector: 'ip' },
    { name: 'user', names: ['user id', 'duration ms'] },
    { name: 'gone', names: ['customer'], action: 'drop' },
  ],
}

function redactorOf(rules: RedactionRules) {
  const redactor = createRedactor(rules)
  const scan = new JsonMembers(logMembers, redactor)
  return (text: string) => {
    const bytes = Buffer.from(text)
    // The second time, names are known by their places.
    if (!scan.scan(bytes) || !scan.scan(bytes)) throw new Error(`not read: ${text}`)
    const { bounds, count } = scan.places
    const parts: string[] = []
    for (let index = 0; index < count; index += 2) parts.push(text.slice(bounds[index], bounds[index + 1]))
    const shown = redactor.redactJson(text, scan.places)
    const { changes } = redactor
    const follows = changes !== undefined && scan.follow(text, changes)
    return { parts, shown, follows, members: membersOf(scan), expected: redactor.redactJson(text) }
  }
}

const membersOf = (scan: JsonMembers) =>
  Array.from(scan.order.subarray(0, scan.count), (slot) => [slot, scan.start(slot), scan.end(slot)])

const redacted = redactorOf(defaultRedaction)

/** What lies in a text at its beginning, in its middle, at its end, or across two of them. */
const pieces = [
  'bob@shop.example',
  'password=',
  'hunter2',
  'token: ',
  'a1b2c3d4e5f6',
  'api key',
  '4111 1111 1111 1111',
  '4111111111111111',
  '411111111111111',
  '123-45-6789',
  '2026-11-24T08:30:00.000Z',
  '+49 30 901820',
  'DE89370400440532013000',
  'https://a:hunter2@b',
  '192.0.2.7',
  'Bearer dXNlcjpwYXNzd29yZA',
  'eyJhbGciOiJI.eyJzdWIiOiIx.c2ln',
  'pwd',
  '"',
  '\\',
  '/',
  '\n',
  'é',
  '𝒳',
  '䁀',
  ' ',
  '-',
  '1',
  '7',
  'request handled',
  'database',
]
const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 5 }).map((some) => some.join(''))
const numbers = fc.oneof(fc.integer(), fc.constantFrom(4111111111111111, 5500005555555559, 12, 1.5))
const nested = fc.oneof(
  texts,
  numbers,
  fc.dictionary(texts, fc.oneof(texts, numbers, fc.array(texts, { maxLength: 3 }))),
)
const logs = fc
  .tuple(
    fc.record(
      {
        timestamp: fc.oneof(texts, numbers),
        message: texts,
        level: texts,
        hostname: texts,
        userId: texts,
        durationMs: numbers,
        error: fc.dictionary(texts, nested, { maxKeys: 3 }),
        tags: fc.array(texts, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
    fc.dictionary(fc.oneof(texts, fc.constantFrom('password', 'customer', 'cookie')), nested, { maxKeys: 3 }),
  )
  .map(([known, others]) => JSON.stringify({ ...others, ...known }))
  .filter((text) => new JsonMembers(logMembers).scan(Buffer.from(text)))

const plainTexts = fc
  .array(fc.constantFrom(...pieces.filter((piece) => !/["\\\n]/.test(piece))), { maxLength: 4 })
  .map((some) => some.join(' '))
const plainLogs = fc
  .record({ level: plainTexts, unknown: fc.constant(1), message: plainTexts, userId: plainTexts }, { requiredKeys: [] })
  .map((log) => JSON.stringify(log))

describe('a log that was gone over for its members', () => {
  test('has no place to look at where it holds what most logs hold', () => {
    const { parts } = redacted(
      '{"timestamp":"2026-11-24T08:30:00.000Z","service":"checkout","component":"database","hostname":"node-15","traceId":"492e30dd0af06d68","ip":"10.0.6.73","statusCode":200,"durationMs":35,"message":"order 7670 accepted"}',
    )
    expect(parts).toEqual([])
  })

  test.each([
    ['the end of a sign', '{"message":"to bob@shop.example"}', ['@']],
    ['the end of a number of many digits', '{"message":"card 4111111111111111"}', ['1']],
    ['the end of a group of digits', '{"message":"card 4111 1111 1111 1111 ok"}', ['1', '1', '1']],
    ['a long number', '{"durationMs":4111111111111111}', ['4111111111111111']],
    ['a sign in an unknown name', '{"wwwPwd":"x"}', ['d']],
    ['a place behind characters of several bytes', '{"message":"é𝒳 bob@shop.example"}', ['@']],
  ])('is looked at where it has %s', (_, text, expected) => {
    expect(redacted(text).parts).toEqual(expected)
  })

  test('is looked at where a known name is that of a secret', () => {
    const { parts, shown } = redactorOf({ rules: [{ name: 'user', names: ['user id'] }] })(
      '{"userId":"bob","level":"x"}',
    )
    expect(parts).toEqual(['userId'])
    expect(shown).toBe('{"userId":"[redacted:user]","level":"x"}')
  })

  test('has a bound for its places, beyond which they are one', () => {
    const text = JSON.stringify({ message: 'a@b '.repeat(2000) })
    const { parts, shown, expected } = redacted(text)
    expect(parts).toHaveLength(256)
    expect(shown).toBe(expected)
  })

  test.each([
    ['the default rules', defaultRedaction],
    ['every detector', everyDetector],
    ['a rule whose mask needs an escape', { rules: [{ name: 'a"b', names: ['message'], detector: 'email' }] }],
  ] as const)('hides by %s what is hidden where all of it is looked at', (_, rules) => {
    const redact = redactorOf(rules)
    fc.assert(
      fc.property(logs, (text) => {
        const { shown, expected } = redact(text)
        expect(shown).toBe(expected)
        expect(() => JSON.parse(shown) as unknown).not.toThrow()
      }),
      { numRuns: 400 },
    )
  })

  test('knows where its members are after parts of their texts were hidden', () => {
    const redact = redactorOf(everyDetector)
    const scan = new JsonMembers(logMembers)
    let followed = 0
    fc.assert(
      fc.property(plainLogs, (text) => {
        const { follows, shown, members } = redact(text)
        if (!follows) return
        followed++
        expect(scan.scan(Buffer.from(shown))).toBe(true)
        expect(members).toEqual(membersOf(scan))
      }),
      { numRuns: 400 },
    )
    expect(followed).toBeGreaterThan(100)
  })

  test.each([
    ['a name', '{"bob@shop.example":1,"eve@shop.example":2}'],
    ['an unknown member', '{"mail":"bob@shop.example","message":"x"}'],
    ['an object', '{"error":{"message":"bob@shop.example"}}'],
  ])('is scanned again where something in %s was hidden', (_, text) => {
    expect(redacted(text).follows).toBe(false)
  })
})
