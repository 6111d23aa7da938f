import { describe, expect, test } from '@jest/globals'
import { readRateReport } from '../../../src/live-tail/analytics/rate-report.ts'
import { RateWindows } from '../../../src/live-tail/analytics/rate-windows.ts'

const minuteMs = 60_000
const nowMs = 1_000 * minuteMs

function report(startMs: number, service: string, total = 1, worker = 'application') {
  const value = JSON.stringify({ key: service, worker, startMs, endMs: startMs + minuteMs, total, errors: 0 })
  const read = readRateReport(Buffer.from(value))
  if (read === undefined) throw new Error(`no report: ${value}`)
  return read
}

const windows = (reportsMax = 1000) => new RateWindows({ rangeMs: 60 * minuteMs, reportsMax }, nowMs)
const totals = (held: RateWindows): readonly number[] => [...held.between(0, nowMs * 2)].map(({ total }) => total)
const sum = (held: RateWindows): number => totals(held).reduce((all, total) => all + total, 0)

describe('windows of rates', () => {
  test('count a report that comes again once, and reports of two workers each', () => {
    const held = windows()
    held.add(report(nowMs, 'shop', 3), nowMs)
    held.add(report(nowMs, 'shop', 5), nowMs)
    held.add(report(nowMs, 'shop', 7, 'performance'), nowMs)
    expect(totals(held)).toEqual([5, 7])
  })

  test('let reports go that are older than the range', () => {
    const held = windows()
    held.add(report(nowMs - 61 * minuteMs, 'shop'), nowMs)
    held.add(report(nowMs - 59 * minuteMs, 'shop'), nowMs)
    held.add(report(nowMs + 2 * minuteMs, 'shop', 2), nowMs + 2 * minuteMs)
    expect([totals(held), held.sinceMs]).toEqual([[2], nowMs - 58 * minuteMs])
    expect(held.dropped).toBe(0)
  })

  test('let the oldest go where there are too many, count them, and say since when all are there', () => {
    const held = windows(100)
    for (let minute = 0; minute < 59; minute++)
      for (const service of ['a', 'b']) held.add(report(nowMs - (59 - minute) * minuteMs, service), nowMs)
    expect([sum(held) <= 100, sum(held) + held.dropped]).toEqual([true, 118])
    const [oldest] = [...held.between(0, nowMs)].map(({ startMs }) => startMs)
    expect(held.sinceMs).toBeLessThanOrEqual(oldest ?? 0)
    expect(held.sinceMs).toBeGreaterThan((oldest ?? 0) - minuteMs)
  })

  test('add up services beyond a hundred as others', () => {
    const held = windows()
    for (let service = 0; service < 150; service++) held.add(report(nowMs, `service ${service}`), nowMs)
    expect([totals(held).length, sum(held)]).toEqual([101, 150])
  })
})

test.each([
  ['begin far ahead', nowMs + 1000 * minuteMs, nowMs + 1001 * minuteMs],
  ['are longer than all that is kept', nowMs, Number.MAX_SAFE_INTEGER],
])('windows that %s are left out', (_, startMs, endMs) => {
  const held = windows()
  held.add(report(nowMs, 'shop'), nowMs)
  expect(held.add({ ...report(startMs, 'shop'), endMs }, nowMs)).toBe(false)
  expect([sum(held), held.untilMs, held.windowMs]).toEqual([1, nowMs + minuteMs, minuteMs])
})

describe('a report', () => {
  const whole = { key: 'shop', startMs: 0, endMs: 1000, total: 2, errors: 1 }
  const read = (value: unknown) => readRateReport(Buffer.from(JSON.stringify(value)))

  test('needs no more than its window and its counts', () => {
    expect(read(whole)).toMatchObject({ service: 'shop', worker: '', levels: [], components: [], durations: [] })
  })

  test.each([
    ['no object', [whole]],
    ['no service', { ...whole, key: undefined }],
    ['a service that is no name', { ...whole, key: 'x'.repeat(201) }],
    ['an end before its start', { ...whole, endMs: 0 }],
    ['a count that is none', { ...whole, total: -1 }],
    ['more errors than logs', { ...whole, errors: 3 }],
  ])('is none with %s', (_, value) => {
    expect(read(value)).toBeUndefined()
  })

  test('is none that is no JSON', () => {
    expect(readRateReport(Buffer.from('{'))).toBeUndefined()
  })

  test('is read without the counts that are none', () => {
    const odd = { ...whole, levels: { info: 1, error: 'x' }, components: 7, durations: [[2, 1], [3], 'x'] }
    expect(read(odd)).toMatchObject({ levels: [['info', 1]], components: [], durations: [[2, 1]] })
  })
})
