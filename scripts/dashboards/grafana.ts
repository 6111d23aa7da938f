import { ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type DashboardPanel, dashboardRows } from './grafana-panels.ts'

/** Chosen at the top of the dashboard; Grafana puts its uid in. */
const source = { type: 'prometheus', uid: '${source}' }
const firstRefId = 'A'.charCodeAt(0)
const width = { stat: 4, timeseries: 8 } as const
const height = { stat: 4, timeseries: 8 } as const

/** The dashboard "FastMCP Real-Time Log Streaming" as the JSON that Grafana imports. */
export function grafanaDashboard(): string {
  const dashboard = new DashboardBuilder('FastMCP Real-Time Log Streaming')
    .uid('fastmcp-real-time-log-streaming')
    .description('Workers of the log fleet: input, lag, commits, outputs, brokers, the process.')
    .tags(['millrace', 'fastmcp'])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('source').label('Prometheus').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('job')
        .label('Job')
        .datasource(source)
        .query('label_values(millrace_application_state, job)')
        .includeAll(true)
        .allValue('.*')
        .multi(true),
    )
  let id = 0
  for (const { title, panels } of dashboardRows) {
    dashboard.withRow(new RowBuilder(title).id(++id))
    for (const panel of panels) dashboard.withPanel(build(panel, ++id))
  }
  return `${JSON.stringify(dashboard.build(), null, 2)}\n`
}

function build(panel: DashboardPanel, id: number): StatBuilder | TimeseriesBuilder {
  const { title, description, unit, kind = 'timeseries', queries } = panel
  const builder =
    kind === 'stat'
      ? new StatBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
      : new TimeseriesBuilder().fillOpacity(10).min(0)
  builder.id(id).title(title).description(description).unit(unit).datasource(source)
  builder.span(width[kind]).height(height[kind])
  for (const [index, [expression, legend]] of queries.entries()) {
    const query = new DataqueryBuilder().refId(String.fromCodePoint(firstRefId + index)).expr(expression)
    query.datasource(source)
    builder.withTarget(legend === undefined ? query : query.legendFormat(legend))
  }
  return builder
}
