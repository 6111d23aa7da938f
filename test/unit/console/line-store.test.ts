import { describe, expect, test } from '@jest/globals'
import { LogLine } from '../../../console/react/stream/log-line.ts'
import { LineStore } from '../../../console/react/stream/line-store.ts'
import { lines } from './lines.ts'

const messages = (store: LineStore) => store.rows.map((row) => (row.kind === 'line' ? row.message : row.reason))

describe('the lines of a view', () => {
  test('are bounded: the oldest leave, and the others keep their numbers', () => {
    const store = new LineStore(100)
    for (let at = 0; at < 1000; at += 50) {
      store.add(lines(at, at + 50), undefined)
      expect(store.rows.length).toBeLessThanOrEqual(110)
    }
    expect(store.nextNumber).toBe(1000)
    expect(store.row(999)).toMatchObject({ number: 999, line: { offset: 999 } })
    expect(store.row(0)).toBeUndefined()
    expect(store.rows[0]?.number).toBe(store.firstNumber)
  })

  test('do not leave while somebody reads, up to twice as many', () => {
    const store = new LineStore(100)
    store.add(lines(0, 100), undefined)
    store.hold(true)
    store.add(lines(100, 199), undefined)
    expect([store.firstNumber, store.isFull]).toEqual([0, false])
    store.add(lines(199, 200), undefined)
    expect([store.firstNumber, store.isFull]).toEqual([0, true])
    store.hold(false)
    expect([store.firstNumber, store.isFull]).toEqual([100, false])
  })

  test('have one mark where several in a row say the same', () => {
    const store = new LineStore(100)
    store.add(lines(0, 1), undefined)
    store.addGap('lost')
    store.addGap('lost')
    store.addGap('skipped')
    expect(messages(store)).toEqual(['line 0', 'lost', 'skipped'])
  })
})

describe('a line', () => {
  const [line] = lines(7, 8, {
    level: 'WARNING',
    service: 'payments',
    component: 'gateway',
    http: { status: 502 },
    tags: ['a'],
  })

  test('has one of five levels, however the log writes it', () => {
    expect(new LogLine(0, line as never, 'x').level).toBe('warn')
    expect(new LogLine(0, { ...(line as object), log: { level: 60 } } as never, 'x').level).toBe('critical')
    expect(new LogLine(0, { ...(line as object), log: {} } as never, 'x').level).toBe('none')
  })

  test('names who wrote it, and its other fields by their path', () => {
    const row = new LogLine(0, line as never, 'x')
    expect([row.origin, row.message]).toEqual(['payments / gateway', 'line 7'])
    expect(row.otherFields).toEqual([
      ['http.status', '502'],
      ['tags', '["a"]'],
    ])
  })
})
