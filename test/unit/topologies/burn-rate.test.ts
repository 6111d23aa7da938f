import { describe, expect, test } from '@jest/globals'
import { type BurnState, emptyBurn, findBurn, putWindow } from '../../../topologies/burn-rate.ts'

const minuteMs = 60_000
const settings = {
  objective: 0.99,
  volumeMin: 50,
  rules: [
    { longMs: 60 * minuteMs, shortMs: 5 * minuteMs, factor: 14.4, severity: 'critical' },
    { longMs: 360 * minuteMs, shortMs: 30 * minuteMs, factor: 6, severity: 'high' },
  ],
} as const

function minutes(shares: readonly number[]): BurnState {
  return shares.reduce(
    (state, share, index) => putWindow(state, [index * minuteMs, 100, share * 100], settings),
    emptyBurn,
  )
}

describe('burn rates', () => {
  test('are critical when an hour and its last minutes burn', () => {
    expect(findBurn(minutes(new Array(60).fill(0.2)), settings)?.rule.severity).toBe('critical')
  })

  test('are silent when the last minutes are well again', () => {
    expect(findBurn(minutes([...new Array(40).fill(0.5), ...new Array(31).fill(0)]), settings)).toBeUndefined()
  })

  test('are silent on few events', () => {
    expect(findBurn(putWindow(emptyBurn, [0, 10, 10], settings), settings)).toBeUndefined()
  })

  test('a window counts once, even if it is reported several times', () => {
    const once = putWindow(emptyBurn, [0, 100, 50], settings)
    expect(putWindow(putWindow(emptyBurn, [0, 60, 30], settings), [0, 100, 50], settings)).toEqual(once)
  })

  test('take a late window in its place and forget one behind the longest rule', () => {
    const state = putWindow(putWindow(emptyBurn, [10 * minuteMs, 1, 0], settings), [5 * minuteMs, 2, 0], settings)
    expect(state.rows.map(([startMs]) => startMs / minuteMs)).toEqual([5, 10])
    expect(putWindow(state, [500 * minuteMs, 3, 0], settings).rows).toHaveLength(1)
    expect(putWindow(state, [-360 * minuteMs, 3, 0], settings).rows).toHaveLength(2)
  })
})
