import { expect, test } from '@jest/globals'
import type { Metric } from 'prom-client'
import { createMetrics } from '../../src/ops/metrics.ts'
import { readText, tableRows } from './markdown.ts'

const page = readText('docs/metrics.md')
const { registry } = createMetrics({ status: () => undefined })
const metrics: readonly Metric[] = registry
  .getMetricsAsArray()
  .map(({ name }) => registry.getSingleMetric(name))
  .filter((metric) => metric !== undefined)
const types = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]))

/** prom-client keeps the names of labels to itself. */
const labelsOf = (metric: Metric): readonly string[] => (metric as unknown as { labelNames: string[] }).labelNames
const nameOf = (metric: Metric): string => (metric as unknown as { name: string }).name

test('docs/metrics.md has a row for every metric of ours, with its type and labels, and no other row', () => {
  const section = page.slice(page.indexOf('## Ours'), page.indexOf('## Of the process'))
  const documented = tableRows(section)
    .slice(2)
    .map(([name = '', type = '', labels = '']) => `${name} ${type} ${labels}`.trim())
  const live = metrics
    .filter((metric) => /^(kafka|millrace)_/.test(nameOf(metric)))
    .map((metric) => `${nameOf(metric)} ${types.get(nameOf(metric))} ${labelsOf(metric).join(', ')}`.trim())
  expect(documented.sort()).toEqual(live.sort())
})

test('docs/metrics.md names no metric that does not exist', () => {
  const named = [...page.matchAll(/`((?:kafka|millrace|process|nodejs)_\w+)/g)].map((match) => match[1])
  expect(named.filter((name = '') => registry.getSingleMetric(name) === undefined)).toEqual([])
})
