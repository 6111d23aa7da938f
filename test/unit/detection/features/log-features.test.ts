import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type FeatureLine, type FeatureRow, LogFeatures, templateId } from '../../../../src/detection/index.ts'
import { LatencySketch } from '../../../../src/detection/features/latency-sketch.ts'

const line = (more: Partial<FeatureLine> = {}): FeatureLine => ({
  scope: 'shop',
  timestamp: 0,
  isError: false,
  ...more,
})

function featuresOf(lines: readonly FeatureLine[]) {
  const features = new LogFeatures()
  for (const one of lines) features.add(one)
  return features.takeEnded(Number.POSITIVE_INFINITY)
}

describe('the features of a window', () => {
  test('are how many logs there were, and which share failed', () => {
    expect(featuresOf([line(), line({ isError: true }), line(), line()])).toMatchObject([
      { scope: 'shop', startMs: 0, count: 4, errorCount: 1, errorShare: 0.25, latency: undefined, templates: 0 },
    ])
  })

  test('are apart by scope and window, in their order', () => {
    const lines = [line({ timestamp: 60_000 }), line({ scope: 'b' }), line({ scope: 'a' }), line({ timestamp: 59_999 })]
    expect(featuresOf(lines).map(({ scope, startMs }) => `${scope} ${startMs}`)).toEqual([
      'a 0',
      'b 0',
      'shop 0',
      'shop 60000',
    ])
  })

  test('have quantiles of durations', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => line({ durationMs: index + 1 }))
    const { count, p50 = 0, p95 = 0, p99 = 0 } = featuresOf(lines)[0]?.latency ?? {}
    expect(count).toBe(1000)
    const errors = [p50 / 500, p95 / 950, p99 / 990].map((ratio) => Math.abs(ratio - 1))
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.0115)
  })

  test('count templates, new ones, and how evenly they are spread', () => {
    const of = (name: string, isNewTemplate = false): FeatureLine =>
      line({ templateId: templateId(name), isNewTemplate })
    expect(featuresOf([of('a', true), of('a'), of('b', true), of('c'), of('d'), of('d')])).toMatchObject([
      { templates: 4, newTemplates: 2, entropyBits: expect.closeTo(1.918, 3) },
    ])
    expect(featuresOf([of('a'), of('a')])).toMatchObject([{ templates: 1, entropyBits: 0 }])
  })

  test('estimate templates beyond those that are counted by themselves', () => {
    const lines = Array.from({ length: 1500 }, (_, index) => line({ templateId: templateId(`form ${index}`) }))
    const { templates = 0, entropyBits = 0 } = featuresOf(lines)[0] ?? {}
    expect(Math.abs(templates / 1500 - 1)).toBeLessThan(0.05)
    expect(Math.abs(entropyBits - Math.log2(1500))).toBeLessThan(0.1)
  })

  test('are not those of more scopes than there may be', () => {
    const features = new LogFeatures({ keysMax: 1 })
    expect([features.add(line()), features.add(line({ scope: 'b' })), features.add(line()), features.size]).toEqual([
      true,
      false,
      true,
      1,
    ])
  })

  test('go to a store with what has changed, and leave it when the window has ended', () => {
    const features = new LogFeatures()
    features.add(line())
    expect(features.takeChanges().rows.map(([key]) => key)).toEqual(['0 shop'])
    expect(features.takeChanges()).toEqual({ rows: [], removed: [] })
    features.takeEnded(60_000)
    expect(features.takeChanges()).toEqual({ rows: [], removed: ['0 shop'] })
  })

  const lines = fc.array(
    fc.record({
      scope: fc.constantFrom('a', 'b'),
      timestamp: fc.integer({ min: 0, max: 179_999 }),
      isError: fc.boolean(),
      durationMs: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { nil: undefined }),
      templateId: fc.option(fc.constantFrom('one', 'two', 'three'), { nil: undefined }),
    }),
    { maxLength: 60 },
  )

  test('are the same where another owner continues from the rows at any point', () => {
    fc.assert(
      fc.property(lines, fc.nat(60), (all, at) => {
        const rows = new Map<string, FeatureRow>()
        const first = new LogFeatures()
        all.slice(0, at).forEach((one) => first.add(one))
        for (const [key, row] of first.takeChanges().rows) rows.set(key, JSON.parse(JSON.stringify(row)) as FeatureRow)
        const next = new LogFeatures({}, rows.values())
        all.slice(at).forEach((one) => next.add(one))
        expect(next.takeEnded(Number.POSITIVE_INFINITY)).toEqual(featuresOf(all))
      }),
    )
  })
})

describe('a sketch', () => {
  const exact = (sorted: readonly number[], share: number): number =>
    sorted[Math.floor(share * (sorted.length - 1))] ?? 0

  test('is right within 1 % for any values, also after it was read back', () => {
    const values = fc.array(fc.double({ min: 0.001, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const sketch = new LatencySketch()
        for (const value of all) sketch.add(value)
        const wanted = exact(
          all.toSorted((left, right) => left - right),
          share,
        )
        const found = sketch.quantile(share) ?? 0
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(wanted * 0.01 + 1e-9)
        expect(LatencySketch.restore(sketch.toText()).quantile(share)).toBe(found)
      }),
    )
  })

  test('keeps the large values where they are too far apart', () => {
    const sketch = new LatencySketch()
    for (const value of [1e-9, 1e-6, 1, 1e12]) sketch.add(value)
    expect([sketch.count, Math.abs((sketch.quantile(1) ?? 0) / 1e12 - 1) < 0.01]).toEqual([4, true])
  })

  test('is not changed by what is no duration', () => {
    const sketch = new LatencySketch()
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) sketch.add(value)
    expect([sketch.count, sketch.quantile(0.5)]).toEqual([0, undefined])
    for (const value of [0, -1]) sketch.add(value)
    expect([sketch.count, sketch.quantile(0.5)]).toEqual([2, 0])
  })
})

describe('features of several places', () => {
  const lines = fc.array(
    fc.record({
      scope: fc.constantFrom('a', 'b'),
      timestamp: fc.nat(150_000),
      isError: fc.boolean(),
      durationMs: fc.option(fc.double({ min: -1, max: 1e6, noNaN: true }), { nil: undefined }),
      templateId: fc.option(fc.nat(40).map(String), { nil: undefined }),
      isNewTemplate: fc.boolean(),
    }),
    { maxLength: 200 },
  )

  test('put together are those of all lines in one', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 4 }), (all, places) => {
        const whole = new LogFeatures()
        const together = new LogFeatures()
        const parts = Array.from({ length: places }, () => new LogFeatures())
        for (const [index, one] of all.entries()) {
          whole.add(one)
          parts[index % places]?.add(one)
        }
        for (const part of parts) for (const [, row] of part.takeChanges().rows) expect(together.merge(row)).toBe(true)
        const rounded = (features: LogFeatures) =>
          features
            .takeEnded(Number.POSITIVE_INFINITY)
            .map(({ entropyBits, ...rest }) => ({ ...rest, entropyBits: entropyBits.toFixed(9) }))
        expect(rounded(together)).toEqual(rounded(whole))
      }),
      { numRuns: 100 },
    )
  })

  test('of too many templates count them all, nearly', () => {
    const together = new LogFeatures()
    for (let part = 0; part < 4; part++) {
      const one = new LogFeatures()
      for (let index = 0; index < 300; index++) one.add(line({ templateId: templateId(`${part * 250 + index}`) }))
      for (const [, row] of one.takeChanges().rows) together.merge(row)
    }
    const [features] = together.takeEnded(60_000)
    expect(features?.count).toBe(1200)
    expect(Math.abs((features?.templates ?? 0) / 1050 - 1)).toBeLessThan(0.05)
  })

  test('beyond the limit are left out', () => {
    const [row] = (() => {
      const one = new LogFeatures()
      one.add(line({ scope: 'b' }))
      return one.takeChanges().rows.map(([, each]) => each)
    })()
    const full = new LogFeatures({ keysMax: 1 })
    full.add(line())
    expect(full.merge(row as FeatureRow)).toBe(false)
  })
})
