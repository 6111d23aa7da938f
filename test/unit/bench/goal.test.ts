import { describe, expect, test } from '@jest/globals'
import { goalLine } from '../../../bench/goal.ts'
import { peerGoalLines } from '../../../bench/peers/goals.ts'
import { Rounds } from '../../../bench/peers/rounds.ts'

const cost = (rate: number, cpu: number, megabytes = 100) => ({
  recordsPerSecond: rate,
  warmRecordsPerSecond: rate,
  cpuSecondsPerMillion: cpu,
  warmCpuSecondsPerMillion: cpu,
  brokerCpuSecondsPerMillion: 1,
  residentMegabytesMax: megabytes,
  ownMegabytesMax: megabytes,
})

describe('a goal', () => {
  test.each([
    [{ about: 'rate', least: 2.5 }, 2.5, 'goal: rate: at least 2.5: 2.50, reached'],
    [{ about: 'rate', least: 2.5, stretch: 3 }, 2.4, 'goal: rate: at least 2.5, better 3: 2.40, missed'],
    [{ about: 'memory', most: 400, unit: ' MB' }, 1400, 'goal: memory: at most 400 MB: 1,400 MB, missed'],
    [{ about: 'memory', most: 400 }, Number.NaN, 'goal: memory: at most 400: not measured'],
  ])('%j with %d', (goal, figure, line) => {
    expect(goalLine(goal, figure)).toBe(line)
  })
})

describe('the goals of peers', () => {
  test('are medians of ratios to the better Java of the same round, by figure', () => {
    const rounds = new Rounds()
    for (const [java, tuned, ours] of [
      [100, 200, 600],
      [50, 40, 100],
      [10, 20, 80],
    ] as const) {
      rounds.add('java', cost(java, 4, 300))
      rounds.add('java tuned', cost(tuned, 8, 200))
      rounds.add('millrace view', cost(ours, 1))
    }
    const lines = peerGoalLines('A', rounds)
    expect(lines).toContain('goal: millrace view: rate, warm, of Java: at least 2.5, better 3.5: 3.00, reached')
    expect(lines).toContain('goal: millrace view: CPU, warm, of Java: at most 0.33: 0.25, reached')
    expect(lines).toContain('goal: millrace view: resident memory, of Java: at most 0.5: 0.50, reached')
    expect(lines).toContain('goal: millrace json: rate, warm, of Java: at least 1.3: not measured')
  })
})
