import { grafanaDashboard } from './grafana.ts'

/** The files that `npm run dashboards` writes, by their names. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return { 'ops/grafana/fastmcp-real-time-log-streaming.json': grafanaDashboard() }
}
