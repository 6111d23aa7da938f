import { expect, test } from '@jest/globals'
import { anomaly } from '../../../../src/alerts/evaluation/anomaly.ts'
import type { EvaluationState } from '../../../../src/alerts/evaluation/evaluation.ts'
import { rule } from '../../../../src/alerts/index.ts'

const plan = rule({ name: 'volume', kind: 'anomaly', window: '1m', learn: '30m', minimum: 5 })
const evaluation = anomaly(plan, plan.watch as Extract<typeof plan.watch, { by: 'anomaly' }>)

/** What is read when so many logs came in each minute. */
function readings(state: EvaluationState, counts: readonly number[], firstMinute = 0) {
  return counts.map((count, index) => {
    const startMs = (firstMinute + index) * 60_000
    state.buckets.splice(0, state.buckets.length, { startMs, count, cell: count })
    const reading = evaluation.close(state, startMs, 1)
    expect(JSON.parse(JSON.stringify(state.memory))).toEqual(state.memory)
    return reading
  })
}

const usual = Array.from({ length: 60 }, (_, minute) => 100 + ((minute * 7) % 20))

test('a count that is far outside fires once, and says why', () => {
  const found = readings({ sinceMs: 0, buckets: [], memory: undefined }, [...usual, 900, 900])
  expect(found.map(({ severity }) => severity).indexOf('medium')).toBe(60)
  expect(found.at(-1)?.severity).toBeNull()
  expect(found[60]?.found).toMatch(
    /^900, usually \d+.* \(value 900, usually \d+.* to \d+.*: \d+ ranges outside; .*warming up, 0 of 7 days\)$/,
  )
})

test('a window of fewer logs than the minimum fires nothing, and takes nothing from the next', () => {
  const state = { sinceMs: 0, buckets: [], memory: undefined }
  const found = readings(state, [...usual, 1, 900])
  expect(found.slice(-2).map(({ severity }) => severity)).toEqual([null, 'medium'])
})

test('what an earlier version learned is learned again', () => {
  const memory = { points: 5000, recent: [1], histograms: [], season: [], peaks: [] }
  const found = readings({ sinceMs: 0, buckets: [], memory }, [...usual.slice(0, 20), 900])
  expect(found.every(({ value, severity }) => value === 0 && severity === null)).toBe(true)
})
