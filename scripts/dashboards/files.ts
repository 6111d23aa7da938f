import { grafanaDashboard } from './grafana.ts'
import { kibanaObjects } from './kibana.ts'

/** The files that `npm run dashboards` writes, by their names. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return {
    'ops/grafana/fastmcp-real-time-log-streaming.json': grafanaDashboard(),
    'ops/kibana/fastmcp-kibana.ndjson': kibanaObjects('kibana'),
    'ops/kibana/fastmcp-opensearch-dashboards.ndjson': kibanaObjects('opensearch'),
  }
}
