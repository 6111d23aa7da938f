import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createRedactor, type Fields as PipelineFields } from '../../../src/pipelines/index.ts'
import { logFields } from '../../../schemas/log-fields.ts'
import { changeSlots, JsonLog, logMembers, noChanges } from '../../../topologies/json-log.ts'
import { LogReader } from '../../../topologies/log-reader.ts'
import { JsonMembers } from '../../../topologies/parsing/json-members.ts'

type Fields = Record<string, unknown>

const reader = new LogReader(createRedactor({ rules: [] }))
const scan = new JsonMembers(logMembers)

/** As the fleet reads a log: over its JSON, or as a pipeline would write what it parsed. */
function parse(text: string): JsonLog {
  return isScanned(text) ? new JsonLog(text, scan, []) : reader.of(JSON.parse(text) as PipelineFields)
}

function isScanned(text: string): boolean {
  return scan.scan(Buffer.from(text))
}

const texts = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
const known = fc.record(
  {
    timestamp: fc.oneof(fc.integer(), fc.double(), texts, fc.constant('2026-11-24T08:30:00.123Z')),
    level: fc.oneof(texts, fc.constant(null)),
    message: fc.oneof(texts, fc.constant(null)),
    service: texts,
    hostname: texts,
    eventId: texts,
    durationMs: fc.oneof(fc.double(), fc.integer(), fc.constant(null)),
    error: fc.oneof(fc.constant(null), fc.record({ type: texts, message: texts, more: fc.jsonValue() })),
    tags: fc.jsonValue(),
    owner: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const unknown = fc.dictionary(
  texts.map((name) => `${name}~`),
  fc.jsonValue(),
)
const logs = fc.tuple(known, unknown).map(([first, second]) => ({ ...first, ...second }))
/** As producers write it: dense, or with blanks, or with every character that is not plain ASCII escaped. */
const written = fc.tuple(logs, fc.constantFrom('dense', 'spaced', 'escaped')).map(([log, form]) => {
  if (form === 'spaced') return JSON.stringify(log, undefined, 1)
  const text = JSON.stringify(log)
  if (form === 'dense') return text
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
})

describe('a log over its JSON', () => {
  test('has the fields that parsing would give', () => {
    fc.assert(
      fc.property(written, (text) => {
        const parsed = JSON.parse(text) as Fields
        const log = parse(text)
        for (const name of ['level', 'message', 'service', 'hostname', 'eventId', 'durationMs', 'error'] as const) {
          expect(log[name]).toEqual(parsed[name] ?? undefined)
        }
        const time = parsed.timestamp === '2026-11-24T08:30:00.123Z' ? Date.UTC(2026, 10, 24, 8, 30, 0, 123) : undefined
        expect(log.timestamp).toEqual(time ?? parsed.timestamp ?? undefined)
      }),
      { numRuns: 500 },
    )
  })

  test('that has every known field is read with more fields in any number, place and order', () => {
    const values = { text: 'text', number: 1, 'text-or-number': 1, object: { a: 1 }, any: true }
    const full: Fields = Object.fromEntries(Object.entries(logFields).map(([name, { type }]) => [name, values[type]]))
    const order = fc.shuffledSubarray(Object.keys(full), { minLength: 20 })
    fc.assert(
      fc.property(
        order,
        fc.array(fc.tuple(fc.nat(40), fc.constantFrom('x', 'level2', 'é', 'tagsMore'))),
        (names, more) => {
          const all = [...names]
          for (const [place, name] of more) if (!all.includes(name)) all.splice(place, 0, name)
          const text = JSON.stringify(Object.fromEntries(all.map((name) => [name, full[name] ?? 'more'])))
          expect(parse(text).textWith(noChanges())).toBe(text)
          // The scan expects the order of the log before: the same one again takes the other way.
          expect(parse(text).textWith(noChanges())).toBe(text)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('is written as one line that says the same', () => {
    fc.assert(
      fc.property(written, (text) => {
        const line = parse(text).textWith(noChanges())
        expect(JSON.parse(line)).toEqual(JSON.parse(text))
        expect(line).not.toMatch(/[\n\r]/)
      }),
      { numRuns: 500 },
    )
  })

  test('with changes is what the changed object would be, members in the same order', () => {
    fc.assert(
      fc.property(
        written,
        fc.dictionary(fc.constantFrom('timestamp', 'level', 'tags', 'owner', 'geo'), fc.jsonValue()),
        (text, change) => {
          const changes = noChanges()
          const inOrder = Object.keys(changeSlots).filter((name) => Object.hasOwn(change, name))
          for (const name of inOrder)
            changes[changeSlots[name as keyof typeof changeSlots]] = JSON.stringify(change[name])
          const expected = { ...(JSON.parse(text) as Fields) }
          for (const name of inOrder) expected[name] = JSON.parse(JSON.stringify(change[name]))
          expect(parse(text).textWith(changes)).toEqual(expect.any(String))
          const found = JSON.parse(parse(text).textWith(changes)) as Fields
          expect(found).toEqual(expected)
          expect(Object.keys(found)).toEqual(Object.keys(expected))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('keeps the digits and escapes of what it does not read', () => {
    const text = '{"id":12345678901234567890,"é":"日本😀","ratio":1.0,"note":"caf\\u00e9\\/","level":"info"}'
    expect(parse(text).textWith(noChanges())).toBe(text)
  })

  test.each([
    ['a name that stands twice', '{"level":"info","a":1,"level":"warn","a":2}'],
    ['a name that stands twice deep inside', '{"a":{"b":[{"c":1,"c":2}]}}'],
    ['a name that stands twice, once with an escape', '{"level":"info","lev\\u0065l":"warn"}'],
    ['a number that is too large for one', '{"a":1e999,"durationMs":1e999}'],
    ['blanks', '{ "level" : "info" }\n'],
    ['a name of its parent in a member', '{"a":{"a":1}}'],
    ['nothing', '{}'],
  ])('with %s is what the parser makes of it', (_, text) => {
    const log = parse(text)
    expect(log.textWith(noChanges())).toBe(JSON.stringify(JSON.parse(text)))
    expect(log.level).toBe((JSON.parse(text) as Fields).level)
  })

  test('refuses what the parser refuses', () => {
    const damaged = fc.tuple(
      logs,
      fc.nat(),
      fc.constantFrom('', '"', '\\', '{', '}', ',', ':', 'x', '0', '\n', '\u0001'),
    )
    fc.assert(
      fc.property(damaged, ([log, place, character]) => {
        const whole = JSON.stringify(log)
        const at = 1 + (place % (whole.length - 1))
        const text = whole.slice(0, at) + character + whole.slice(at + (place % 3 === 0 ? 1 : 0))
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        if (!isJson) expect(isScanned(text)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    '{"level":"a\\x"}',
    '{"level":"a\\u12g4"}',
    '{"level":"tab\there"}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":-}',
    '{"a":+1}',
    '{"a":truE}',
    '{"a":nul}',
    '{"a":[1,]}',
    '{"a":{"b":1,}}',
    '{"a":1,}',
    '{"a"}',
    '{"a":}',
    '{,}',
    '{"a":1}}',
    '{"a":1} {"b":2}',
    '{"a":"\\"}',
    '{"\\"}',
    '{"a":[}',
    '{"a":"\\u00}',
  ])('refuses %s', (text) => expect(isScanned(text)).toBe(false))

  test.each([
    ['level', 7],
    ['message', {}],
    ['durationMs', '7'],
    ['error', 'failed'],
    ['attributes', []],
    ['timestamp', true],
  ])('refuses a %s of the wrong type', (name, value) => {
    expect(isScanned(JSON.stringify({ [name]: value }))).toBe(false)
  })
})

describe('the fleet takes a log without a pipeline', () => {
  const own = { timestamp: '2026-11-24T08:30:00.123Z', level: 'info', message: 'm', service: 's' }
  const isOwn = (fields: Fields): boolean => {
    const text = JSON.stringify(fields)
    return reader.parse(Buffer.from(text)) !== undefined
  }

  test('that has a usual time, a level, a message and a service', () => expect(isOwn(own)).toBe(true))

  test.each([
    ['a time of seconds', { timestamp: 1_795_507_200 }],
    ['a level that is none', { level: 'high' }],
    ['no message', { message: null }],
    ['no name', { service: null }],
    ['a field of another type', { userId: 42 }],
    ['a day that no month has', { timestamp: '2026-02-30T08:30:00.123Z' }],
  ])('but not with %s', (_, change) => expect(isOwn({ ...own, ...change })).toBe(false))
})

test("a log of a document's own fields is flat, one with another field or a nested value is not", () => {
  expect(parse('{"service":"shop","message":"hi","traceId":"4f"}').isFlat).toBe(true)
  expect(parse('{"service":"shop","message":"hi","status":"401"}').isFlat).toBe(false)
  expect(parse('{"service":"shop","message":"hi","error":{"type":"x"}}').isFlat).toBe(false)
  expect(parse('{"service":"shop","message":"hi","tags":["x"]}').isFlat).toBe(false)
})
