/** One aggregation of a visualization, as Kibana stores it. */
export interface KibanaAggregation {
  readonly id: string
  readonly type: 'count' | 'date_histogram' | 'terms' | 'percentiles'
  readonly schema: 'metric' | 'segment' | 'group'
  readonly params: Readonly<Record<string, unknown>>
}

export interface KibanaPanel {
  readonly id: string
  readonly title: string
  readonly type: 'histogram' | 'line' | 'pie'
  readonly aggregations: readonly KibanaAggregation[]
}

export interface KibanaDashboard {
  readonly id: string
  readonly title: string
  /** The indices that it reads. */
  readonly pattern: string
  readonly timeField: string
  readonly panels: readonly KibanaPanel[]
}

const count: KibanaAggregation = { id: '1', type: 'count', schema: 'metric', params: {} }
const overTime: KibanaAggregation = {
  id: '2',
  type: 'date_histogram',
  schema: 'segment',
  params: { field: 'timestamp', interval: 'auto', min_doc_count: 1 },
}

function by(field: string, schema: 'segment' | 'group', size: number): KibanaAggregation {
  return { id: '3', type: 'terms', schema, params: { field, size, order: 'desc', orderBy: '1' } }
}

/** The dashboards of the fleet; both show the last 24 hours and refresh every 30 seconds. */
export const kibanaDashboards: readonly KibanaDashboard[] = [
  {
    id: 'fastmcp-overview',
    title: 'FastMCP Overview',
    pattern: 'fastmcp-logs-*',
    timeField: 'timestamp',
    panels: [
      {
        id: 'logs-timeline',
        title: 'Logs over time, by level',
        type: 'histogram',
        aggregations: [count, overTime, by('level', 'group', 5)],
      },
      {
        id: 'error-rates',
        title: 'Types of errors over time',
        type: 'line',
        aggregations: [count, overTime, by('error.type', 'group', 10)],
      },
      {
        id: 'performance-metrics',
        title: 'Durations: 50, 95 and 99 of 100',
        type: 'line',
        aggregations: [
          {
            id: '1',
            type: 'percentiles',
            schema: 'metric',
            params: { field: 'durationMs', percents: [50, 95, 99] },
          },
          overTime,
        ],
      },
    ],
  },
  {
    id: 'fastmcp-alerts',
    title: 'FastMCP Alerts',
    pattern: 'fastmcp-alerts-*',
    timeField: 'timestamp',
    panels: [
      {
        id: 'alert-timeline',
        title: 'Alerts over time, by rule',
        type: 'histogram',
        aggregations: [count, overTime, by('rule', 'group', 10)],
      },
      {
        id: 'severity-breakdown',
        title: 'Alerts by severity',
        type: 'pie',
        aggregations: [count, by('severity', 'segment', 4)],
      },
    ],
  },
]
