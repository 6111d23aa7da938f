import { describe, expect, test } from '@jest/globals'
import { rampFigures } from '../../../../bench/detect/ramps.ts'
import { Random } from '../../../../bench/detect/random.ts'
import { TrendForecast, trendReasonOf, type TrendVerdict, type TrendOptions } from '../../../../src/detection/index.ts'

const minuteMs = 60_000

function observed(values: readonly number[], options: Partial<TrendOptions> = {}): TrendVerdict[] {
  const forecast = new TrendForecast({ limit: 100, ...options })
  return values.map((value, minute) => forecast.observe(value, minute * minuteMs))
}

function alertsIn(verdicts: readonly TrendVerdict[]): number[] {
  return verdicts.flatMap(({ isAlert }, minute) => (isAlert ? [minute] : []))
}

/** From 20 by a quarter per minute, with noise: at 100 after 320 minutes. */
function ramp(minutes: number, noise = 2): number[] {
  const random = new Random(4)
  return Array.from({ length: minutes }, (_, minute) => 20 + minute / 4 + noise * random.normal())
}

describe('a trend', () => {
  test('is reported once, about an hour before the limit is reached, and says when', () => {
    const verdicts = observed(ramp(315))
    const [at, ...others] = alertsIn(verdicts)
    expect(others).toEqual([])
    expect(320 - at!).toBeGreaterThan(45)
    expect(320 - at!).toBeLessThanOrEqual(62)
    const { reaches } = verdicts[at!]!
    expect(reaches.earliestMs! / minuteMs).toBeLessThan(321)
    expect(reaches.latestMs! / minuteMs).toBeGreaterThan(319)
    expect(trendReasonOf(verdicts[at!]!, at! * minuteMs)).toMatch(
      /^rises by 1\d\.?\d* per hour from \d\d\.?\d*: reaches the limit in \d\d minutes \(\d\d to \d\d\), probability [01]\.\d\d$/,
    )
  })

  test('downwards is looked for where values must stay above the limit', () => {
    const falling = ramp(315).map((value) => 200 - value)
    expect(alertsIn(observed(falling, { side: 'below' })).length).toBe(1)
    expect(alertsIn(observed(falling.map((value) => value - 110)))).toEqual([])
  })

  test('that ends by a restart begins again, and is reported again', () => {
    const verdicts = observed([...ramp(290), ...ramp(310)])
    expect(alertsIn(verdicts).length).toBe(2)
    expect(verdicts[300]?.points).toBeLessThan(20)
  })

  test('is not seen in a constant series or in noise', () => {
    expect(alertsIn(observed(new Array<number>(500).fill(50)))).toEqual([])
    expect(alertsIn(observed(ramp(500, 5).map((value, minute) => value - minute / 4 + 40)))).toEqual([])
  })

  test('is not spoilt by what is no number, by gaps and by late points', () => {
    const forecast = new TrendForecast({ limit: 100 })
    const alerts: number[] = []
    for (const [minute, value] of ramp(315).entries()) {
      if (minute > 150 && minute < 200) continue
      if (forecast.observe(value, minute * minuteMs).isAlert) alerts.push(minute)
      expect(forecast.observe(Number.NaN, minute * minuteMs + 1).status).toBe('unusable')
      expect(forecast.observe(5, minute * minuteMs).status).toBe('late')
    }
    expect(alerts.length).toBe(1)
    expect(320 - alerts[0]!).toBeGreaterThan(45)
  })

  test('is not claimed before enough points were seen', () => {
    const verdicts = observed(ramp(40))
    expect(verdicts[28]).toMatchObject({ status: 'warming-up', probability: 0 })
    expect(trendReasonOf(verdicts[28]!, 0)).toBe('warming up, 29 of 30 points')
    expect(verdicts[29]?.status).toBe('scored')
  })

  test.each([0, 10, 265, 270, 300])('is the same after it was written and read at point %d', (at) => {
    const whole = new TrendForecast({ limit: 100 })
    let other = new TrendForecast({ limit: 100 })
    for (const [minute, value] of [...ramp(290), ...ramp(60)].entries()) {
      if (minute === at) other = TrendForecast.restore(other.toBytes(), { limit: 100 })
      expect(other.observe(value, minute * minuteMs)).toEqual(whole.observe(value, minute * minuteMs))
    }
  })

  test('has options that are checked together', () => {
    expect(() => new TrendForecast({ limit: Number.NaN, probability: 2, points: 10, side: 'left' as 'above' })).toThrow(
      /limit is NaN.*side is 'left'.*probability is 2.*warmUpPoints is 30.*INVALID_SETTINGS/,
    )
  })
})

test('ramps to a limit are reported, other series are not', () => {
  const { precision, recall } = rampFigures(1, 36)
  expect(precision).toBeGreaterThan(0.8)
  expect(recall).toBeGreaterThan(0.8)
})
