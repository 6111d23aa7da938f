import uPlot from 'uplot'
import type { ChartSeries } from './chart-series.ts'
import { axisText, stepText, type Unit } from './number-text.ts'
import type { Paint } from './paint.ts'

export interface PlotWish {
  readonly series: readonly Pick<ChartSeries, 'name' | 'paint'>[]
  readonly kind: 'line' | 'bar'
  readonly unit: Unit
  readonly stepMs: number
  readonly rangeMs: number
  readonly paint: Paint
  readonly width: number
  readonly height: number
  /** Charts with the same key show the same step. */
  readonly syncKey: string
  /** The step below the cursor; null: there is none. */
  readonly onStep: (index: number | null) => void
}

const axisSize = Object.freeze({ x: 26, y: 58 })
/** Steps of an axis that counts: there is no half of a log. */
const wholeSteps = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat()
const font = '11px system-ui, sans-serif'

/** How uPlot draws a chart. It writes no styles into the markup, and its rules are in our stylesheet. */
export function plotOptions(wish: PlotWish): uPlot.Options {
  const { series, kind, unit, stepMs, rangeMs, paint, width, height, syncKey, onStep } = wish
  const axis = { stroke: paint.dim, font, ticks: { show: false }, grid: { stroke: paint.line, width: 1 } }
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: syncKey }, points: { size: 6 } },
    scales: {
      // A bar begins at its step and is as wide as it.
      x: { time: true, range: (_, from, to) => [from, kind === 'bar' ? to + stepMs : Math.max(to, from + stepMs)] },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: axisSize.x,
        space: rangeMs >= 86_400_000 ? 110 : 70,
        values: (_, times) => times.map((timeMs) => stepText(timeMs, stepMs, rangeMs)),
      },
      {
        ...axis,
        size: axisSize.y,
        values: (_, values) => values.map((value) => axisText(value, unit)),
        ...((unit === 'logs' || unit === 'alerts') && { incrs: wholeSteps }),
      },
    ],
    series: [{}, ...series.map(({ name, paint: color }) => drawn(name, paint[color], kind))],
    hooks: { setCursor: [({ cursor }) => onStep(cursor.idx ?? null)] },
  }
}

function drawn(label: string, color: string, kind: PlotWish['kind']): uPlot.Series {
  if (kind === 'line') return { label, stroke: color, width: 1.5, points: { show: onePoint } }
  const paths = uPlot.paths.bars?.({ size: [0.85, 40], align: 1 })
  return { label, fill: color, stroke: color, width: 0, points: { show: false }, ...(paths !== undefined && { paths }) }
}

/** A value without neighbors makes no line. */
function onePoint(plot: uPlot, seriesIndex: number): boolean {
  const values = plot.data[seriesIndex] ?? []
  return values.filter((value) => value !== null).length < 3
}
