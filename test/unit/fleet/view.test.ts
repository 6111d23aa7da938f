import { expect, test } from '@jest/globals'
import { renderLine, renderPage } from '../../../fleet/view/render.ts'
import type { FleetSnapshot } from '../../../fleet/view/snapshot.ts'

function snapshot(elapsedMs: number, processed: number): FleetSnapshot {
  return {
    elapsedMs,
    workers: [{ name: 'application', state: 'RUNNING', processed, lagRecords: 12, lagSeconds: 0.25 }],
    duplicatesDropped: 3,
    deadLetters: 2,
    windowsClosed: 5,
    documentsWritten: 1234,
    alerts: 1,
    recentAlerts: [
      {
        id: 'a',
        rule: 'error-rate',
        key: 'k',
        severity: 'high',
        status: 'firing',
        summary: 'payments fails',
        timestamp: 0,
        startedAt: 0,
        details: {},
      },
    ],
  }
}

test('the line shows rates between two snapshots, not since the start', () => {
  expect(renderLine(snapshot(65_000, 7000), snapshot(60_000, 5000))).toBe(
    '01:05 | application 400/s lag 12 | documents 1234 | duplicates 3 | dead letters 2 | windows 5 | alerts 1',
  )
})

test('the page shows every worker and the alerts, and no line wraps', () => {
  const lines = renderPage(snapshot(1000, 500), undefined, 60).split('\n')
  expect(lines.some((line) => line.includes('application') && line.includes('500'))).toBe(true)
  expect(lines.at(-1)).toBe('HIGH     error-rate            payments fails')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
})
