import { describe, expect, test } from '@jest/globals'
import { stacked, stepInWords } from '../../../console/react/analytics/chart-series.ts'
import { cellAt } from '../../../console/react/analytics/heat-layout.ts'
import { axisText, numberText } from '../../../console/react/analytics/number-text.ts'
import { shares } from '../../../console/react/analytics/numbers.ts'
import { movedStep } from '../../../console/react/analytics/step-keys.ts'

const series = [
  { name: 'info', paint: 'info', values: [10, 20, null] },
  { name: 'error', paint: 'error', values: [1, 2, null] },
] as const

describe('series of a chart', () => {
  test('are added up from the last one', () => {
    expect(stacked(series)).toEqual([
      [11, 22, null],
      [1, 2, null],
    ])
  })

  test('say what a step has', () => {
    expect(stepInWords(series, 1, 'logs')).toBe('info 20, error 2')
    expect(stepInWords(series, 2, 'logs')).toBe('info –, error –')
  })

  test('are shares of others, and nothing where there is nothing', () => {
    expect(shares([1, 0, 3, null], [4, 5, 0, null])).toEqual([25, 0, null, null])
  })
})

test.each([
  [1234567, 'logs', '1,234,567', '1.23M'],
  [12.345, 'percent', '12.3 %', '12.3 %'],
  [0.123, 'milliseconds', '0.123 ms', '0.123 ms'],
  [1500, 'milliseconds', '1.5 s', '1.5 s'],
  [0, 'alerts', '0', '0'],
] as const)('%d %s are %s, and %s at an axis', (value, unit, text, short) => {
  expect([numberText(value, unit), axisText(value, unit)]).toEqual([text, short])
})

test.each([
  ['ArrowLeft', 4],
  ['ArrowRight', 6],
  ['PageUp', 0],
  ['PageDown', 9],
  ['Home', 0],
  ['End', 9],
  ['x', undefined],
  ['constructor', undefined],
])('the key %s goes to step %s of ten from the sixth', (key, to) => {
  expect(movedStep(key, 5, 10)).toBe(to)
})

test.each([
  [
    { x: 100, y: 0 },
    { step: 0, row: 0 },
  ],
  [
    { x: 299, y: 39 },
    { step: 9, row: 1 },
  ],
  [{ x: 99, y: 0 }, undefined],
  [{ x: 150, y: 40 }, undefined],
])('the place %j of a heatmap is %j', (place, cell) => {
  const layout = { width: 300, rowHeight: 20, namesWidth: 100 }
  expect(cellAt(place, layout, { steps: 10, rows: 2 })).toEqual(cell)
})
