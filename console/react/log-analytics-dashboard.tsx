import { type ReactNode, useEffect, useId, useState } from 'react'
import { type ChartType, DashboardCharts } from './analytics/dashboard-charts.tsx'
import { numberText, stepText } from './analytics/number-text.ts'
import { sumOf } from './analytics/numbers.ts'
import type { NumbersState } from './analytics/numbers-source.ts'
import { rangesMs, type TimeRange, timeRanges } from './analytics/time-range.ts'
import { useNumbers } from './analytics/use-numbers.ts'
import type { RefusedState } from './stream/connection-state.ts'

/** What a `LogAnalyticsDashboard` shows, and from where. */
export interface LogAnalyticsDashboardProps {
  /** The address of `GET /analytics` of a live tail, absolute or relative to the page. */
  readonly endpoint: string
  /** How far back it looks at first. Default `1h`. */
  readonly timeRange?: TimeRange | undefined
  /** How often it asks for new numbers while it can be seen, in milliseconds, at least 1000. Default 10,000. */
  readonly refreshInterval?: number | undefined
  /** Which kinds of charts there are. Default: all three. */
  readonly chartTypes?: readonly ChartType[] | undefined
  /** Sent as `Authorization: Bearer`. Default: none. */
  readonly token?: string | undefined
  /** Called when the server refuses for good: 401 asks for a token. */
  readonly onRefused?: ((refused: RefusedState) => void) | undefined
}

const allTypes: readonly ChartType[] = Object.freeze(['line', 'bar', 'heatmap'])
const refreshMsLeast = 1000

/**
 * What logs say in numbers: volume, errors, durations, components and alerts over time. It needs
 * `@millrace/react/styles.css`, and asks for nothing while nobody can see the page.
 */
export function LogAnalyticsDashboard(props: LogAnalyticsDashboardProps): ReactNode {
  const { endpoint, timeRange = '1h', refreshInterval = 10_000, chartTypes = allTypes, token, onRefused } = props
  const [range, setRange] = useState(timeRange)
  const [service, setService] = useState('')
  const syncKey = useId()
  const parameters = new URLSearchParams({ range: String(rangesMs[range]), ...(service !== '' && { service }) })
  const refreshMs = Math.max(refreshMsLeast, refreshInterval)
  const [state, refresh] = useNumbers(`${endpoint}?${parameters.toString()}`, { token, refreshMs })
  const { numbers, refused } = state
  useEffect(() => {
    if (refused !== undefined) onRefused?.(refused)
  }, [refused, onRefused])
  return (
    <section className="mr-viewer mr-dashboard" aria-label="log analytics">
      <div className="mr-view-bar">
        <div className="mr-layouts" role="group" aria-label="time range">
          {timeRanges.map((one) => (
            <button key={one} type="button" aria-pressed={one === range} onClick={() => setRange(one)}>
              {one}
            </button>
          ))}
        </div>
        <label className="mr-service">
          service{' '}
          <select value={service} onChange={({ target }) => setService(target.value)}>
            <option value="">all</option>
            {serviceNames(state, service).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" onClick={refresh}>
          Refresh
        </button>
        <span className="mr-space" />
        <span role="status">{stateInWords(state)}</span>
      </div>
      {numbers !== undefined && (
        <DashboardCharts
          numbers={numbers}
          types={chartTypes}
          service={service === '' ? undefined : service}
          syncKey={syncKey}
        />
      )}
    </section>
  )
}

/** Those of the answer, without the sum of others, and the one that is chosen. */
function serviceNames({ numbers }: NumbersState, chosen: string): readonly string[] {
  const names = (numbers?.services ?? []).map(({ name }) => name).filter((name) => name !== 'other')
  return [...new Set(chosen === '' ? names : [chosen, ...names])].sort()
}

function stateInWords({ numbers, updatedMs, fault }: NumbersState): string {
  if (fault !== undefined) return `No new numbers: ${fault}`
  if (numbers === undefined) return 'Loading'
  const { total, errors, knownToMs, fromMs } = numbers
  if (knownToMs <= fromMs) return 'Nothing was reported in this time'
  const logs = `${numberText(sumOf(total), 'logs')} logs, ${numberText(sumOf(errors), 'logs')} errors`
  return `${logs}, until ${stepText(knownToMs, 1000, 0)}, asked at ${stepText(updatedMs, 1000, 0)}`
}
