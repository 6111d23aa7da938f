import { describe, expect, test } from '@jest/globals'
import {
  durationText,
  type ExecutionSummary,
  placeOf,
  type StageSummary,
} from '../../../console/react/executions/execution.ts'
import {
  executionsMax,
  type KnownExecutions,
  matching,
  noExecutions,
  withChanges,
} from '../../../console/react/executions/execution-list.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 11, 1) + second * 1000).toISOString()

function stage(more: Partial<StageSummary> = {}): StageSummary {
  const base = { stageId: '1', moduleId: '1', moduleName: 'HTTP', status: 'success' }
  return { ...base, startTime: at(2), endTime: at(4), durationMs: 2000, ...more }
}

function execution(key: string, more: Partial<ExecutionSummary> = {}): ExecutionSummary {
  const ids = { key, executionId: key, scenarioId: 's', organizationId: null }
  const times = { startTime: at(0), endTime: at(8), durationMs: 8000, performance: { creditsConsumed: null } }
  return { ...ids, ...times, status: 'success', stages: [stage()], hasMoreStages: false, ...more }
}

const keysOf = ({ executions }: KnownExecutions): readonly string[] => executions.map(({ key }) => key)
const answer = (sequence: number, ...keys: readonly string[]) => ({
  sequence,
  executions: keys.map((key) => execution(key)),
  held: keys.length,
  isPart: false,
})

describe('executions that a view knows', () => {
  test('are as they changed last, the last change first', () => {
    const known = withChanges(withChanges(noExecutions, answer(3, 'c', 'b', 'a')), answer(5, 'a', 'd'))
    expect(keysOf(known)).toEqual(['a', 'd', 'c', 'b'])
  })

  test('stay the same object where nothing has changed', () => {
    const known = withChanges(noExecutions, answer(1, 'a'))
    expect(withChanges(known, answer(1))).toBe(known)
  })

  test('are asked for again where the server has begun again', () => {
    expect(withChanges(withChanges(noExecutions, answer(9, 'a')), answer(2, 'b'))).toBe(noExecutions)
  })

  test('are bounded', () => {
    const keys = Array.from({ length: executionsMax + 5 }, (_, index) => String(index))
    const known = withChanges(noExecutions, answer(1, ...keys))
    expect([known.executions.length, known.isPart]).toEqual([executionsMax, true])
  })

  test('are found by status, and by a part of an id or of a module in any case', () => {
    const all = [execution('abc'), execution('d', { status: 'error', stages: [stage({ moduleName: 'Sheets' })] })]
    const found = (status: string, text: string) => matching(all, status, text).map(({ key }) => key)
    expect([found('', ''), found('error', ''), found('', ' AB'), found('', 'sheet'), found('error', 'abc')]).toEqual([
      ['abc', 'd'],
      ['d'],
      ['abc'],
      ['d'],
      [],
    ])
  })
})

test('a stage has its place within its execution', () => {
  expect(placeOf(execution('a'), stage())).toEqual({ start: 0.25, length: 0.25 })
})

test('a stage that runs reaches to the end of what is known', () => {
  const running = stage({ startTime: at(4), endTime: null })
  expect(placeOf(execution('a', { endTime: null, stages: [stage(), running] }), running)?.length).toBe(0.01)
  expect(placeOf(execution('a'), running)).toEqual({ start: 0.5, length: 0.5 })
})

test('a stage without a start has no place', () => {
  expect(placeOf(execution('a'), stage({ startTime: null }))).toBeUndefined()
})

test.each([
  [null, '–'],
  [340, '340 ms'],
  [12_500, '12.5 s'],
  [185_000, '3 min 5 s'],
])('%p milliseconds are shown as %s', (durationMs, text) => {
  expect(durationText(durationMs)).toBe(text)
})
