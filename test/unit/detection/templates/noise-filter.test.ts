import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type NoiseCount, NoiseFilter, type NoiseOptions } from '../../../../src/detection/index.ts'

const template = { id: 'aa', text: 'fetched <*>' }

interface Line {
  readonly timestamp: number
  readonly id?: string
  readonly scope?: string
  readonly sample?: string
}

function passes(filter: NoiseFilter<string>, line: Line): boolean {
  const { timestamp, id = template.id, scope = 'web', sample = String(timestamp) } = line
  return filter.passes({ template: { ...template, id }, scope, timestamp, sample: () => sample })
}

describe('a noise filter', () => {
  test('lets the first lines of a window pass, then one of many', () => {
    const filter = new NoiseFilter<string>({ lines: 3, sampleEvery: 10 })
    const passed = Array.from({ length: 40 }, (_, index) => passes(filter, { timestamp: index }))
    expect(passed.flatMap((isKept, index) => (isKept ? [index + 1] : []))).toEqual([1, 2, 3, 13, 23, 33])
  })

  test('sums up the windows that have ended', () => {
    const filter = new NoiseFilter<string>({ lines: 1 })
    for (const timestamp of [60_500, 60_100, 60_900, 120_000]) passes(filter, { timestamp })
    expect(filter.takeEnded(119_999)).toEqual([])
    expect(filter.takeEnded(120_000)).toEqual([
      {
        startMs: 60_000,
        scope: 'web',
        template,
        lines: 3,
        removed: 2,
        firstMs: 60_100,
        lastMs: 60_900,
        sample: '60900',
      },
    ])
    expect(filter.takeEnded(500_000)).toEqual([])
  })

  test('counts templates and scopes each for itself', () => {
    const filter = new NoiseFilter<string>({ lines: 1 })
    const lines = [{ id: 'a' }, { id: 'b' }, { id: 'a', scope: 'db' }, { id: 'a' }]
    expect(lines.map((line) => passes(filter, { timestamp: 0, ...line }))).toEqual([true, true, true, false])
  })

  test('removes nothing that it cannot count', () => {
    const filter = new NoiseFilter<string>({ lines: 1, countedMax: 2 })
    const kept = ['a', 'b', 'c', 'c', 'a'].map((id) => passes(filter, { timestamp: 0, id }))
    expect(kept).toEqual([true, true, true, true, false])
  })

  test('made from the counts of another says the same of every line', () => {
    const line = fc.record({
      timestamp: fc.integer({ min: 0, max: 5000 }),
      id: fc.constantFrom('a', 'b'),
      scope: fc.constantFrom('', 's'),
      ends: fc.boolean(),
      restarts: fc.boolean(),
    })
    const options: NoiseOptions = { windowMs: 1000, lines: 2, sampleEvery: 3, countedMax: 6 }
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), (lines) => {
        const whole = new NoiseFilter<string>(options)
        const store = new Map<string, NoiseCount<string>>()
        let restarted = new NoiseFilter<string>(options)
        const answers: [unknown, unknown][] = []
        for (const { ends, restarts, ...one } of lines) {
          answers.push([passes(restarted, one), passes(whole, one)])
          if (ends) answers.push([restarted.takeEnded(one.timestamp), whole.takeEnded(one.timestamp)])
          if (!restarts) continue
          const { rows, removed } = restarted.takeChanges()
          for (const key of removed) store.delete(key)
          for (const [key, count] of rows) store.set(key, count)
          restarted = new NoiseFilter(options, [...store.values()].reverse())
        }
        expect(answers.map(([ours]) => ours)).toEqual(answers.map(([, other]) => other))
      }),
      { numRuns: 100 },
    )
  })
})

test('options that cannot be used are reported together', () => {
  expect(() => new NoiseFilter({ lines: 0, windowMs: 5 })).toThrow(/windowMs is 5.*lines is 0/)
})
