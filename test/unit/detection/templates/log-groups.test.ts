import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type GroupedLog, type GroupOptions, type LogGroup, LogGroups } from '../../../../src/detection/index.ts'

function log(fields: Partial<GroupedLog> = {}): GroupedLog {
  return { scope: 'shop', templateId: 'a', timestamp: 0, priority: 20, sample: 'taken', ...fields }
}

describe('logs', () => {
  test('of one trace are one group, whatever wrote them', () => {
    const groups = new LogGroups({ gapMs: 5000 })
    groups.add(log({ traceId: 't', timestamp: 1000 }))
    groups.add(log({ traceId: 't', timestamp: 500, scope: 'bank', templateId: 'b', priority: 70, sample: 'no credit' }))
    groups.add(log({ traceId: 't', timestamp: 2000 }))
    expect(groups.takeEnded(6999)).toEqual([])
    expect(groups.takeEnded(7000)).toEqual([
      {
        key: 't',
        by: 'trace',
        firstMs: 500,
        lastMs: 2000,
        logs: 3,
        templates: { a: 2, b: 1 },
        scopes: { shop: 2, bank: 1 },
        highest: 70,
        priority: 80,
        isNew: false,
        sample: 'no credit',
      },
    ])
    expect(groups.takeEnded(99_000)).toEqual([])
  })

  test('without a trace are one group by scope, as long as they follow each other', () => {
    const groups = new LogGroups({ gapMs: 1000, lengthMaxMs: 3000 })
    const ended: LogGroup[] = []
    for (const timestamp of [0, 900, 1800, 5000, 5900, 6800, 7700, 8600]) {
      ended.push(...groups.takeEnded(timestamp))
      groups.add(log({ timestamp }))
    }
    ended.push(...groups.takeEnded(20_000))
    expect(ended.map(({ firstMs, logs }) => [firstMs, logs])).toEqual([
      [0, 3],
      [5000, 4],
      [8600, 1],
    ])
  })

  test('that matter most come first', () => {
    const groups = new LogGroups()
    groups.add(log({ scope: 'a', priority: 50 }))
    groups.add(log({ scope: 'b', priority: 45, isNew: true }))
    groups.add(log({ scope: 'c', priority: 98, isNew: true }))
    const ended = groups.takeEnded(1e6).map(({ key, priority }) => [key, priority])
    expect(ended).toEqual([
      ['c', 100],
      ['b', 55],
      ['a', 50],
    ])
  })

  test('are bounded: in groups, and in what is counted of one', () => {
    const groups = new LogGroups({ groupsMax: 1, partsMax: 2 })
    const added = ['a', 'b', 'c', 'a'].map((templateId) => groups.add(log({ templateId })))
    expect([...added, groups.add(log({ scope: 'other' }))]).toEqual([true, true, true, true, false])
    expect(groups.takeEnded(1e6)[0]).toMatchObject({ logs: 4, templates: { a: 2, b: 1 } })
  })
})

test('groups made from the rows of others continue as those would have', () => {
  const step = fc.record({
    traceId: fc.constantFrom(undefined, 't', 'u'),
    scope: fc.constantFrom('a', 'b'),
    templateId: fc.constantFrom('x', 'y', 'z'),
    timestamp: fc.integer({ min: 0, max: 5000 }),
    priority: fc.constantFrom(0, 50, 95),
    isNew: fc.boolean(),
    ends: fc.boolean(),
    restarts: fc.boolean(),
  })
  const options: GroupOptions = { gapMs: 1000, lengthMaxMs: 2500, groupsMax: 3, partsMax: 2 }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const whole = new LogGroups(options)
      const store = new Map<string, LogGroup>()
      let restarted = new LogGroups(options)
      const answers: [unknown, unknown][] = []
      for (const [index, { ends, restarts, ...fields }] of steps.entries()) {
        const one = { ...fields, sample: String(index) }
        answers.push([restarted.add(one), whole.add(one)])
        if (ends) answers.push([restarted.takeEnded(one.timestamp), whole.takeEnded(one.timestamp)])
        if (!restarts) continue
        const { rows, removed } = restarted.takeChanges()
        for (const key of removed) store.delete(key)
        for (const [key, group] of rows) store.set(key, JSON.parse(JSON.stringify(group)) as LogGroup)
        restarted = new LogGroups(options, [...store.values()].reverse())
      }
      answers.push([restarted.takeEnded(1e6), whole.takeEnded(1e6)])
      expect(answers.map(([own]) => own)).toEqual(answers.map(([, other]) => other))
    }),
    { numRuns: 100 },
  )
})

test('options that cannot be used are reported', () => {
  expect(() => new LogGroups({ gapMs: 0 })).toThrow(/groups: gapMs is 0/)
})
