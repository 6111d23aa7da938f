import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { FilterIndex } from '../../../src/live-tail/filter-index.ts'
import { compileFilter, filterOfParameters, type TailFilterDefinition } from '../../../src/live-tail/tail-filter.ts'
import { TailLine } from '../../../src/live-tail/tail-line.ts'

function lineOf(log: Readonly<Record<string, unknown>>): TailLine {
  const values = ['level', 'component', 'service', 'correlationId', 'sessionId', 'userId', 'message', 'timestamp'].map(
    (name) => (log[name] === undefined ? undefined : String(log[name])),
  )
  const json = JSON.stringify(log)
  const place = { topic: 'logs', partition: 0, offset: 0, recordTimeMs: 5000 }
  return new TailLine(place, { json, values, byteLength: json.length })
}

const matches = (filter: TailFilterDefinition, log: Readonly<Record<string, unknown>>) =>
  compileFilter(filter).matches(lineOf(log))

describe('a filter of a live tail', () => {
  test.each<[string, TailFilterDefinition, Readonly<Record<string, unknown>>, boolean]>([
    ['a level, however it is written', { levels: ['warning'] }, { level: 'WARN' }, true],
    ['another level', { levels: ['warn', 'error'] }, { level: 'info' }, false],
    ['a log without the field', { services: ['shop'] }, {}, false],
    ['every list, not only one', { services: ['shop'], users: ['u1'] }, { service: 'shop', userId: 'u2' }, false],
    ['all lists', { services: ['shop'], users: ['u1'] }, { service: 'shop', userId: 'u1' }, true],
    ['a component', { components: ['http'] }, { component: 'http' }, true],
    ['a session', { sessions: ['s1'] }, { sessionId: 's1' }, true],
    ['a correlation id', { correlationIds: ['c1', 'c2'] }, { correlationId: 'c2' }, true],
    ['a text in any field', { text: 'timeout' }, { error: { message: 'read timeout' } }, true],
    ['a text with quotes', { text: 'said "no"' }, { message: 'she said "no"' }, true],
    ['a text that is not there', { text: 'Timeout' }, { message: 'timeout' }, false],
    ['a condition', { when: 'http.status >= 500' }, { http: { status: 503 } }, true],
    ['a condition that does not hold', { when: 'exists(user.id)' }, { user: {} }, false],
    ['a time from the start of the window on', { sinceMs: 1000 }, { timestamp: 1000 }, true],
    ['the end of the window', { untilMs: 1000 }, { timestamp: 1000 }, false],
    ['a time as text', { sinceMs: 1000, untilMs: 3000 }, { timestamp: '1970-01-01T00:00:02Z' }, true],
    ["Kafka's time where that of the log is empty", { sinceMs: 5000, untilMs: 5001 }, { timestamp: '' }, true],
    ["Kafka's time where the log has none", { sinceMs: 5000, untilMs: 5001 }, {}, true],
  ])('asks for %s', (_, filter, log, expected) => {
    expect(matches(filter, log)).toBe(expected)
  })

  test('is the same however it is written', () => {
    const texts = ['levels=error&levels=warn,warn', 'levels=warn,error', 'levels=WARNING&levels=error&services='].map(
      (query) => compileFilter(filterOfParameters(new URLSearchParams(query), [])).text,
    )
    expect(new Set(texts).size).toBe(1)
  })

  test('has bounds', () => {
    const many = Array.from({ length: 101 }, (_, index) => `u${index}`)
    expect(() => compileFilter({ users: many })).toThrow('users has 101 values: give at most 100')
    expect(() => compileFilter({ text: 'x'.repeat(5000) })).toThrow('text has 5000 characters: give at most 4096')
  })

  test('finds the same viewers as one filter after the other', () => {
    const value = fc.constantFrom('a', 'b', 'c')
    const list = fc.option(fc.uniqueArray(value, { minLength: 1 }), { nil: undefined })
    const filter = fc.record({
      levels: fc.option(fc.uniqueArray(fc.constantFrom('info', 'warn', 'error'), { minLength: 1 }), { nil: undefined }),
      services: list,
      users: list,
      text: fc.option(value, { nil: undefined }),
    })
    const log = fc.record({
      level: fc.constantFrom('INFO', 'warn', 'other'),
      service: value,
      userId: fc.option(value, { nil: undefined }),
    })
    fc.assert(
      fc.property(
        fc.array(filter, { maxLength: 20 }),
        fc.array(log, { maxLength: 10 }),
        fc.nat(),
        (filters, logs, at) => {
          const compiled = filters.map(compileFilter)
          const index = new FilterIndex<number>()
          for (const [number, one] of compiled.entries()) index.add(one, number)
          const gone = compiled.length === 0 ? -1 : at % compiled.length
          const removed = compiled[gone]
          if (removed !== undefined) index.remove(removed, gone)
          for (const line of logs.map(lineOf)) {
            const found: number[] = []
            index.find(line, (number) => found.push(number))
            const expected = [...compiled.keys()].filter((number) => number !== gone && compiled[number]?.matches(line))
            expect(found.toSorted((left, right) => left - right)).toEqual(expected)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
