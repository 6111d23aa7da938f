import { expect, test } from '@jest/globals'
import { createMetrics } from '../../src/ops/metrics.ts'
import { readText, tableRows } from './markdown.ts'

test('docs/deployment.md names every metric of ours, and none that is not there', async () => {
  const metrics = createMetrics({ status: () => undefined, bufferedRecordsPerPartition: 1 })
  const names = [...(await metrics.text()).matchAll(/^# TYPE ((?:kafka|millrace)_\w+)/gm)].map((match) => match[1])
  const rows = tableRows(readText('docs/deployment.md')).map(([first = '']) => first)
  const named = rows.flatMap((cell) => [...cell.matchAll(/(?:kafka|millrace)_\w+/g)].map((match) => match[0]))
  expect(named.sort()).toEqual(names.sort())
})
