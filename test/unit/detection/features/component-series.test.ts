import { describe, expect, test } from '@jest/globals'
import { ComponentSeries, type ServiceSeriesRow } from '../../../../src/detection/index.ts'
import { seededRandom } from '../../../../src/testing/simulator.ts'

const windowMs = 60_000
const windowAt = (index: number) => index * windowMs
const of = (component: string, count: number, errorCount = 0) => ({ component, count, errorCount })

describe('correlations of components', () => {
  test('say which move together, which against each other, and which not at all', () => {
    const series = new ComponentSeries(windowMs)
    const random = seededRandom(3)
    let found = series.add(windowAt(0), [])
    for (let index = 1; index <= 40; index++) {
      const load = Math.round(100 * random())
      const others = Math.round(100 * random())
      found = series.add(windowAt(index), [
        of('api', load, 1),
        of('db', 3 * load + 5),
        of('cache', 200 - load),
        of('mail', others),
      ])
    }
    const counts = new Map(found.map(({ components, count }) => [components.join(' '), count ?? Number.NaN]))
    expect(counts.get('api db')).toBeCloseTo(1, 10)
    expect(counts.get('api cache')).toBeCloseTo(-1, 10)
    expect(Math.abs(counts.get('db mail') ?? 1)).toBeLessThan(0.5)
    expect(found.at(-1)?.components).toContain('mail')
    expect(found[0]).toMatchObject({ windows: 40, errorCount: undefined })
  })

  test('wait for ten windows', () => {
    const series = new ComponentSeries(windowMs)
    const lengths = Array.from(
      { length: 12 },
      (_, index) => series.add(windowAt(index), [of('a', index), of('b', index)]).length,
    )
    expect(lengths).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
  })

  test('count a window without logs as zero, also one that nobody closed', () => {
    const series = new ComponentSeries(windowMs)
    for (let index = 0; index < 12; index++) series.add(windowAt(index), [of('a', 5), of('b', 5)])
    series.add(windowAt(15), [of('a', 5)])
    expect(series.row().components).toEqual([
      { component: 'a', counts: [...Array(12).fill(5), 0, 0, 0, 5], errorCounts: Array(16).fill(0) },
      { component: 'b', counts: [...Array(12).fill(5), 0, 0, 0, 0], errorCounts: Array(16).fill(0) },
    ])
  })

  test('are of the ten components with the most logs, in at most 8 KB, and forget those that have gone', () => {
    const series = new ComponentSeries(windowMs)
    const large = 9_999_999
    for (let index = 0; index < 60; index++) {
      const components = Array.from({ length: 30 }, (_, place) =>
        of(`${place}`.padStart(80, 'x'), large - place, large),
      )
      series.add(windowAt(index), components)
    }
    const row = series.row()
    expect(row.components.map(({ component }) => Number(component.replaceAll('x', '')))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
    expect(JSON.stringify(row).length).toBeLessThanOrEqual(8192)
    series.add(windowAt(200), [of('new', 1)])
    expect(series.row().components.map(({ component }) => component)).toEqual(['new'])
  })

  test('continue from a row as without it, wherever that was', () => {
    const random = seededRandom(7)
    const windows = Array.from({ length: 50 }, () =>
      ['a', 'b', 'c']
        .filter(() => random() < 0.8)
        .map((name) => of(name, Math.round(random() * 9), Math.round(random() * 3))),
    )
    const whole = new ComponentSeries(windowMs)
    let cut = new ComponentSeries(windowMs)
    for (const [index, components] of windows.entries()) {
      cut = new ComponentSeries(windowMs, JSON.parse(JSON.stringify(cut.row())) as ServiceSeriesRow)
      expect(cut.add(windowAt(index), components)).toEqual(whole.add(windowAt(index), components))
    }
  })
})
