import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { detectorSettings, reasonOf, SeriesDetector } from '../../../../src/detection/index.ts'
import { alertsIn, intervalMs, observed, pointsOfDay, startMs, wave } from './points.ts'

/** The values, with others from a place on. */
function replaced(values: readonly number[], from: number, others: readonly number[]): number[] {
  return [...values.slice(0, from), ...others, ...values.slice(from + others.length)]
}

describe('a detector', () => {
  test('is silent on twenty usual days', () => {
    expect(alertsIn(observed(wave(20)))).toEqual([])
  })

  test('reports a spike once, at its first point, and says which view showed it', () => {
    const at = 10 * pointsOfDay + 20
    const verdicts = observed(replaced(wave(14), at, [9000, 9500, 9200]))
    expect(alertsIn(verdicts)).toEqual([at])
    expect(verdicts[at]?.unusual[0]).toMatchObject({ name: 'season' })
    expect(reasonOf(verdicts[at]!)).toMatch(
      /^distance from this hour \d+, usually -\d+.* to \d+.*: \d+.* ranges outside; value 9000/,
    )
  })

  test('reports an event again that becomes twice as bad', () => {
    const at = 10 * pointsOfDay
    expect(alertsIn(observed(replaced(wave(14), at, [6000, 6000, 6000, 40_000, 40_000])))).toEqual([at, at + 3])
  })

  test('finds a level that no single value shows', () => {
    const noise = wave(14).map((_, row) => 100 + ((row * 7919) % 100))
    const at = 10 * pointsOfDay
    const verdicts = observed(noise.map((value, row) => (row >= at ? value + 45 : value)))
    const [first] = alertsIn(verdicts)
    expect(first).toBeGreaterThan(at)
    expect(first).toBeLessThan(at + 48)
    expect(verdicts.slice(at, at + 48).some(({ unusual }) => unusual[0]?.name === 'level')).toBe(true)
  })

  test('finds an outage in the middle of the day, though nights are as low', () => {
    const at = 10 * pointsOfDay + pointsOfDay / 4
    const verdicts = observed(replaced(wave(14), at, new Array<number>(12).fill(500)))
    expect(alertsIn(verdicts)).toEqual([at])
    expect(verdicts[at]?.unusual.map(({ name }) => name)).toEqual(['season'])
  })

  test.each([0, 42, -3, 1e9])('a constant series of %d scores 0', (value) => {
    const verdicts = observed(new Array<number>(10 * pointsOfDay).fill(value))
    expect(verdicts.every(({ score }) => score === 0)).toBe(true)
  })

  test('reports nothing while it warms up, and says how much it has learned', () => {
    const spiky = wave(3).map((value, row) => (row % 50 === 49 ? 50 * value : value))
    const verdicts = observed(spiky, { warmUpMs: 4 * 86_400_000 })
    expect(verdicts.every(({ status, score }) => status === 'warming-up' && score === 0)).toBe(true)
    const third = observed(replaced(wave(4), 3 * pointsOfDay + 5, [90_000]))[3 * pointsOfDay + 5]!
    expect(third.isAlert).toBe(true)
    expect(reasonOf(third)).toMatch(/; warming up, 3 of 7 days$/)
  })

  test('does not report a point that may not be one, and does report the next', () => {
    const detector = new SeriesDetector(detectorSettings({ intervalMs }))
    const timeOf = (row: number): number => startMs + row * intervalMs
    const values = wave(8)
    for (const [row, value] of values.entries()) detector.observe(value, timeOf(row))
    expect(detector.observe(30_000, timeOf(values.length), false)).toMatchObject({ isAlert: false })
    expect(detector.observe(30_000, timeOf(values.length + 1))).toMatchObject({ isAlert: true })
  })

  test('a series that is often unusual by itself is reported less with falseAlarmEvery', () => {
    const bursts = wave(60, 5).map((value, row) =>
      (row * 7907) % 997 < 8 ? value * (2 + ((row * 31) % 17) / 4) : value,
    )
    const [usual, rarer] = [observed(bursts), observed(bursts, { falseAlarmEveryMs: 30 * 86_400_000 })].map(
      (verdicts) => alertsIn(verdicts).length,
    )
    expect(usual).toBeGreaterThan(20)
    expect(rarer).toBeLessThan(0.75 * usual!)
  })
})

describe('bad input', () => {
  const values = wave(12)
  const at = 9 * pointsOfDay
  const usual = observed(values)

  test('a value that is no number changes nothing', () => {
    const detector = new SeriesDetector(detectorSettings({ intervalMs }))
    const timeOf = (row: number): number => startMs + row * intervalMs
    for (const [row, value] of values.slice(0, at).entries()) detector.observe(value, timeOf(row))
    const before = detector.toBytes()
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300]) {
      expect(detector.observe(wrong, timeOf(at))).toMatchObject({ status: 'unusable', score: 0, isAlert: false })
    }
    expect(detector.observe(1e6, timeOf(at - 1))).toMatchObject({ status: 'late', score: 0, isAlert: false })
    expect(detector.toBytes()).toEqual(before)
  })

  test.each([1, 10, 100, 700])('a gap of %d points is no event', (length) => {
    const verdicts = observed(values.map((value, row) => (row >= at && row < at + length ? null : value)))
    expect(alertsIn(verdicts)).toEqual([])
  })

  test('one value that is wrong by ten digits is one alert, and a day later all is as before', () => {
    const verdicts = observed(replaced(values, at, [1e13]))
    expect(alertsIn(verdicts)).toEqual([at])
    const later = at + pointsOfDay
    for (const [index, verdict] of verdicts.slice(later).entries()) {
      expect(Math.abs(verdict.score - usual[later + index]!.score)).toBeLessThan(0.2)
    }
  })

  test('a counter that begins again is no event', () => {
    let total = 0
    const counter = values.map((value, row) => {
      total = row === at || row === at + 200 ? 0 : total + value
      return total
    })
    const verdicts = observed(counter, { kind: 'counter' })
    expect(alertsIn(verdicts)).toEqual([])
    expect(verdicts[at]?.status).toBe('unusable')
    // Two days later, a rise of nine times the usual one is still found.
    const later = at + 2 * pointsOfDay
    const risen = counter.map((value, row) => (row >= later ? value + 20_000 : value))
    expect(alertsIn(observed(risen, { kind: 'counter' }))).toEqual([later])
  })

  test('the clocks of a zone that go forward are no event where the zone is given', () => {
    // Jobs by the clock of Berlin, which went forward on 29 March 2026.
    const jobs = Array.from({ length: 42 * pointsOfDay }, (_, row) => {
      const timeMs = startMs + row * intervalMs
      const hour = new Date(timeMs + (timeMs < Date.UTC(2026, 2, 29, 1) ? 1 : 2) * 3_600_000).getUTCHours()
      return (hour >= 9 && hour < 17 ? 1000 : 100) + ((row * 7919) % 40)
    })
    expect(alertsIn(observed(jobs, { timeZone: 'Europe/Berlin' }))).toEqual([])
  })
})

describe('the state of a detector', () => {
  const value = fc.oneof(
    { weight: 20, arbitrary: fc.double({ min: -50, max: 1000, noNaN: true }) },
    { weight: 4, arbitrary: fc.constantFrom(0, 1, 100) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e12, -1e9, Number.POSITIVE_INFINITY) },
  )
  const stepMs = fc.oneof(
    { weight: 20, arbitrary: fc.constant(60_000) },
    { weight: 1, arbitrary: fc.constantFrom(0, -60_000, 3_600_000, 90_000_000) },
  )
  const points = fc.array(fc.tuple(value, stepMs), { minLength: 60, maxLength: 250 })
  const options = {
    intervalMs: 60_000,
    memoryMs: 3_600_000,
    warmUpMs: 600_000,
    cooldownMs: 1_200_000,
    falseAlarmEveryMs: 7_200_000,
  }

  test.each(['gauge', 'counter'] as const)('is read back at any point of a %s with the same verdicts', (kind) => {
    const settings = detectorSettings({ ...options, kind })
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 40 }), (series, every) => {
        const whole = new SeriesDetector(settings)
        let moved = new SeriesDetector(settings)
        let timeMs = startMs
        const verdicts: string[][] = []
        for (const [index, [one, step]] of series.entries()) {
          timeMs += step
          if (index % every === 0) moved = SeriesDetector.restore(moved.toBytes(), settings)
          verdicts.push(
            [moved.observe(one, timeMs), whole.observe(one, timeMs)].map((verdict) => JSON.stringify(verdict)),
          )
        }
        expect(verdicts.find(([left, right]) => left !== right)).toBeUndefined()
        expect(moved.toBytes()).toEqual(whole.toBytes())
      }),
      { numRuns: 25 },
    )
  })

  test('of a series with a wide range takes less than 2.7 KB, so that three of them take less than 8 KB', () => {
    const detector = new SeriesDetector(detectorSettings({ intervalMs: 60_000 }))
    for (let row = 0; row < 40_000; row++) {
      const sign = row % 2 === 0 ? 1 : -1
      detector.observe(sign * 10 ** (((row * 7919) % 1000) / 170), startMs + row * 60_000)
    }
    expect(detector.toBytes().length).toBeLessThan(2700)
  })

  test('of another form is not read: the detector begins again', () => {
    const settings = detectorSettings(options)
    const empty = new SeriesDetector(settings).toBytes()
    for (const bytes of [null, undefined, new Uint8Array(0), Uint8Array.of(99, 1, 2, 3)]) {
      expect(SeriesDetector.restore(bytes, settings).toBytes()).toEqual(empty)
    }
  })
})

test.each([
  [{ intervalMs: 0 }, 'intervalMs is 0'],
  [{ intervalMs: 60_000, memoryMs: 1000 }, 'memoryMs is 1000'],
  [{ intervalMs: 60_000, cooldownMs: Number.NaN }, 'cooldownMs is NaN'],
  [{ intervalMs: 60_000, falseAlarmEveryMs: 60_000 }, 'falseAlarmEveryMs is 60000'],
  [{ intervalMs: 60_000, threshold: 1 }, 'threshold is 1'],
  [{ intervalMs: 60_000, timeZone: 'Europe/Atlantis' }, "timeZone is 'Europe/Atlantis'"],
  [{ intervalMs: 60_000, kind: 'sum' as never }, "kind is 'sum'"],
  [{ intervalMs: 60_000, treshold: 0.5 }, 'treshold is not an option: did you mean threshold?'],
])('the options %j are refused', (options, message) => {
  expect(() => detectorSettings(options)).toThrow(message)
})

test('everything that is wrong with the options is reported together', () => {
  const options = { intervalMs: 0, threshold: 2 }
  expect(() => detectorSettings(options)).toThrow(
    'detector: intervalMs is 0: give a number of milliseconds above 0, threshold is 2: give a number from 0 to below 1',
  )
})
