import type { ReactNode } from 'react'
import { AlertSummary } from './alert-summary.tsx'
import type { ChartSeries } from './chart-series.ts'
import { Heatmap } from './heatmap.tsx'
import { type AlertNumbers, type Numbers, shares, sumOf } from './numbers.ts'
import type { PaintName } from './paint-names.ts'
import { TimeChart } from './time-chart.tsx'

/** Kinds of charts that a dashboard may have. */
export type ChartType = 'line' | 'bar' | 'heatmap'

export interface DashboardChartsProps {
  readonly numbers: Numbers
  readonly types: readonly ChartType[]
  /** One service; undefined: all of them. */
  readonly service: string | undefined
  readonly syncKey: string
}

/** As the server has them, from harmless to worst; the module of levels would be loaded with this one by other sections. */
const levels = ['debug', 'info', 'warn', 'error', 'critical'] as const
const severityPaints: Readonly<Record<string, PaintName>> = {
  low: 'info',
  medium: 'warn',
  high: 'error',
  critical: 'critical',
}
const servicesMax = 4
const servicePaints: readonly PaintName[] = ['series-1', 'series-2', 'series-3', 'series-4']

/** What the numbers look like. */
export function DashboardCharts({ numbers, types, service, syncKey }: DashboardChartsProps): ReactNode {
  const { times, stepMs, durations, components, alerts } = numbers
  const over = { times, stepMs, syncKey }
  const hasLines = types.includes('line')
  const lines = hasLines ? 'line' : 'bar'
  const bars = types.includes('bar') ? 'bar' : 'line'
  const isDrawn = hasLines || types.includes('bar')
  return (
    <div className="mr-charts">
      {isDrawn && (
        <>
          <TimeChart
            {...over}
            title="Log volume"
            unit="logs"
            kind={bars}
            isStacked={bars === 'bar'}
            series={levelSeries(numbers)}
          />
          <TimeChart {...over} title="Error rate" unit="percent" kind={lines} series={errorSeries(numbers, service)} />
          <TimeChart
            {...over}
            title="Durations"
            unit="milliseconds"
            kind={lines}
            series={[
              { name: 'p50', paint: 'good', values: durations.p50 },
              { name: 'p95', paint: 'warn', values: durations.p95 },
              { name: 'p99', paint: 'error', values: durations.p99 },
            ]}
          />
        </>
      )}
      {types.includes('heatmap') && components.length > 0 && (
        <Heatmap title="Component activity" times={times} stepMs={stepMs} rows={components} />
      )}
      {alerts !== undefined && isDrawn && (
        <TimeChart
          {...over}
          title="Alerts that began"
          unit="alerts"
          kind={bars}
          isStacked
          series={alertSeries(alerts, times)}
        />
      )}
      {alerts !== undefined && <AlertSummary alerts={alerts} />}
    </div>
  )
}

/** The worst on the ground, where a change can be seen best; logs that nobody has counted by level come last. */
function levelSeries({ levels: byLevel, total }: Numbers): readonly ChartSeries[] {
  const named = levels.map((level): ChartSeries => ({ name: level, paint: level, values: byLevel[level] ?? [] }))
  const rest = total.map((all, index) => {
    return all === null ? null : all - named.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
  })
  const others: readonly ChartSeries[] = sumOf(rest) > 0 ? [{ name: 'no level', paint: 'dim', values: rest }] : []
  return [...others, ...named]
}

function alertSeries({ begun }: AlertNumbers, times: readonly number[]): readonly ChartSeries[] {
  const none = times.map(() => 0)
  return Object.entries(severityPaints).map(([name, paint]) => ({ name, paint, values: begun[name] ?? none }))
}

function errorSeries({ total, errors, services }: Numbers, service: string | undefined): readonly ChartSeries[] {
  const all: ChartSeries = { name: service ?? 'all', paint: 'error', values: shares(errors, total) }
  if (service !== undefined) return [all]
  const worst = services
    .filter((one) => sumOf(one.errors) > 0)
    .toSorted((one, other) => sumOf(other.errors) - sumOf(one.errors))
    .slice(0, servicesMax)
  const others = worst.map(({ name, ...one }, index): ChartSeries => {
    return { name, paint: servicePaints[index] ?? 'dim', values: shares(one.errors, one.total) }
  })
  return [...others, all]
}
