import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { dashboardFiles } from '../../../scripts/dashboards/files.ts'
import { createMetrics } from '../../../src/ops/metrics.ts'
import { alertNames, observedMetrics, rulesFile, rulesTestFile } from '../../support/observed.ts'

test.each(Object.entries(dashboardFiles()))('%s is what npm run dashboards writes', (name, text) => {
  expect(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')).toBe(text)
})

test('dashboard and rules use no metric that does not exist', () => {
  const { registry } = createMetrics({ status: () => undefined })
  expect(observedMetrics.filter((name) => registry.getSingleMetric(name) === undefined)).toEqual([])
})

test('each alert has a test in which it fires', () => {
  const fired = [...readFileSync(rulesTestFile, 'utf8').matchAll(/alertname="(\w+)"/g)].map(([, name]) => name)
  expect([...new Set(fired)].sort()).toEqual([...alertNames].sort())
})

test('each alert names a part of docs/operations.md that exists', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
  const named = [...readFileSync(rulesFile, 'utf8').matchAll(/runbook: docs\/operations\.md#(.+)/g)].map(([, at]) => at)
  expect(named.filter((anchor = '') => !anchors.includes(anchor))).toEqual([])
})
