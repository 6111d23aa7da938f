import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { ChartPlot } from './chart-plot.ts'
import { type ChartSeries, stepInWords } from './chart-series.ts'
import { numberText, stepText, type Unit } from './number-text.ts'
import { NumbersTable } from './numbers-table.tsx'
import { usePaint } from './paint.ts'
import { movedStep } from './step-keys.ts'
import { useWidth } from './use-width.ts'

export interface TimeChartProps {
  readonly title: string
  readonly times: readonly number[]
  readonly stepMs: number
  readonly series: readonly ChartSeries[]
  readonly kind: 'line' | 'bar'
  /** Whether bars are added up. */
  readonly isStacked?: boolean
  readonly unit: Unit
  readonly syncKey: string
}

const heightPixels = 180

/** A chart over time, with the step below the cursor in words and all numbers as a table. */
export function TimeChart(props: TimeChartProps): ReactNode {
  const { title, times, stepMs, series, unit, isStacked = false } = props
  const place = useRef<HTMLDivElement>(null)
  const paint = usePaint(place)
  const width = useWidth(place)
  const [step, setStep] = useState<number | null>(null)
  const [isFocused, setFocused] = useState(false)
  const [plot] = useState(() => new ChartPlot(setStep))
  const rangeMs = times.length * stepMs
  const shownStep = step ?? lastKnown(series)
  useEffect(() => {
    if (place.current === null || paint === undefined || width === 0) return
    plot.update(place.current, { ...props, isStacked, rangeMs, paint, width, height: heightPixels })
  })
  useEffect(() => () => plot.close(), [plot])
  const point = (event: KeyboardEvent): void => {
    const next = movedStep(event.key, shownStep, times.length)
    if (next === undefined) return
    event.preventDefault()
    plot.point(times[next] ?? 0)
  }
  return (
    <figure className="mr-chart">
      <figcaption>
        <h3>{title}</h3>
        <ul>
          {series.map(({ name, paint: color }) => (
            <li key={name} className={`mr-key mr-key-${color}`}>
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
      <div
        ref={place}
        className="mr-plot"
        role="group"
        aria-label={`${title}, chart: arrow keys go from step to step`}
        tabIndex={0}
        onKeyDown={point}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      />
      <p className="mr-step" aria-live={isFocused ? 'polite' : 'off'}>
        <b>{stepText(times[shownStep] ?? 0, stepMs, rangeMs)}</b> {stepInWords(series, shownStep, unit)}
      </p>
      <NumbersTable
        title={title}
        columns={['time', ...series.map(({ name }) => name)]}
        rows={() =>
          times.map((timeMs, index) => [
            stepText(timeMs, stepMs, rangeMs),
            ...series.map(({ values }) => numberText(values[index], unit)),
          ])
        }
      />
    </figure>
  )
}

/** The last step with a number. */
function lastKnown(series: readonly ChartSeries[]): number {
  return Math.max(0, ...series.map(({ values }) => values.findLastIndex((value) => value !== null)))
}
