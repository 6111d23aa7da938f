import { dashboardRows } from '../../scripts/dashboards/grafana-panels.ts'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const rulesFile = fileURLToPath(new URL('../../ops/prometheus/millrace-rules.yml', import.meta.url))
export const rulesTestFile = rulesFile.replace('.yml', '.test.yml')

/** The PromQL of all panels, as Grafana sends it for all jobs and the shortest step. */
export const panelExpressions: readonly string[] = dashboardRows
  .flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(([expression]) => expression)))
  .map((expression) => expression.replaceAll('$job', '.*').replaceAll('$__rate_interval', '10s'))

/** The names of metrics in PromQL or YAML, without what a histogram adds to them. */
export function metricsIn(text: string): readonly string[] {
  const names = [...text.matchAll(/\b(?:kafka|millrace|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name)
  return [...new Set(names.map((name) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')))].sort()
}

export const observedMetrics = metricsIn([...panelExpressions, readFileSync(rulesFile, 'utf8')].join('\n'))

/** The names of the alerts that are defined. */
export const alertNames = [...readFileSync(rulesFile, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
