import { expect, test } from '@jest/globals'
import { silentLogger } from '../../../../src/index.ts'
import { createRedactor } from '../../../../src/pipelines/index.ts'
import { EventReader } from '../../../../topologies/executions/event-reader.ts'
import type { ExecutionEvent } from '../../../../topologies/executions/execution-event.ts'
import { executionOf } from '../../../../topologies/executions/execution-record.ts'
import { addEvent, type ExecutionState, newExecution } from '../../../../topologies/executions/execution-state.ts'

const startMs = Date.UTC(2026, 11, 1, 12)
const reader = new EventReader({
  redactor: createRedactor(),
  dataBytesMax: 100,
  onCut: () => silentLogger.info({}, ''),
  onAhead: () => silentLogger.info({}, ''),
})

function event(second: number, more: Readonly<Record<string, unknown>>): ExecutionEvent {
  const timestamp = startMs + second * 1000
  return reader.read(JSON.stringify({ executionId: 'e', scenarioId: 's', timestamp, ...more }), timestamp)
}

/** As stores keep it between two events. */
function folded(events: readonly ExecutionEvent[]): ExecutionState {
  let state: ExecutionState | undefined
  for (const one of events) {
    state ??= newExecution(one, startMs)
    addEvent(state, one, startMs)
    state = JSON.parse(JSON.stringify(state)) as ExecutionState
  }
  return state as ExecutionState
}

const shown = (events: readonly ExecutionEvent[]) => ({ ...executionOf(folded(events)), revision: 0 })

const at = (second: number) => startMs + second * 1000
const events = [
  event(0, { status: 'running', organizationId: 'o', userId: 'u' }),
  event(1, { stages: [{ moduleId: '1', moduleName: 'HTTP', startTime: at(1), inputData: { a: 1 } }] }),
  event(3, { stages: [{ moduleId: '1', endTime: at(3), status: 'success', outputData: 'first' }] }),
  event(4, { stages: [{ moduleId: '2', startTime: at(3), endTime: at(4), status: 'error', errorDetails: 'no' }] }),
  event(4, { stages: [{ moduleId: '1', outputData: 'last' }], performance: { creditsConsumed: 1 } }),
  event(6, { status: 'error', performance: { creditsConsumed: 3 } }),
  event(2, { status: 'running', userId: 'other' }),
]

test('an execution has its stages in order, with durations of each and of the whole', () => {
  expect(shown(events)).toMatchObject({
    executionId: 'e',
    scenarioId: 's',
    organizationId: 'o',
    userId: 'other',
    status: 'error',
    startTime: '2026-12-01T12:00:00.000Z',
    endTime: '2026-12-01T12:00:06.000Z',
    durationMs: 6000,
    performance: { creditsConsumed: 3, totalDuration: null },
    stages: [
      {
        moduleId: '1',
        moduleName: 'HTTP',
        status: 'success',
        durationMs: 2000,
        inputData: { a: 1 },
        outputData: 'last',
      },
      { moduleId: '2', status: 'error', durationMs: 1000, errorDetails: 'no' },
    ],
  })
})

test('events come to the same execution in any order, also where some come twice', () => {
  const right = shown(events)
  let seed = 1
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let round = 0; round < 300; round++) {
    const rest = [...events, ...events.filter(() => random(2) === 0)]
    const drawn: ExecutionEvent[] = []
    while (rest.length > 0) drawn.push(...rest.splice(random(rest.length), 1))
    expect(shown(drawn)).toEqual(right)
  }
})

test('an event that comes again changes nothing', () => {
  const state = folded(events)
  expect(events.map((one) => addEvent(state, one, startMs))).toEqual(events.map(() => false))
})

test('that it ended counts, whatever a later event says of its running', () => {
  expect(shown([event(0, { status: 'success' }), event(9, { status: 'running' })])).toMatchObject({
    status: 'success',
    durationMs: 0,
  })
})

test('the duration that it reports itself counts more than its times', () => {
  expect(shown([event(5, { status: 'success', performance: { totalDuration: 1234 } })]).durationMs).toBe(1234)
})

test('it ends with its last stage where that is later', () => {
  const ended = event(5, { status: 'success', stages: [{ moduleId: 1, startTime: at(-2), endTime: at(7) }] })
  expect(shown([ended])).toMatchObject({ startTime: '2026-12-01T11:59:58.000Z', durationMs: 9000 })
})

test('a module that runs again has a stage for each stageId', () => {
  const runs = ['1.1', '1.2'].map((stageId) => event(1, { stages: [{ moduleId: '1', stageId, status: 'success' }] }))
  expect(shown(runs).stages.map(({ stageId, moduleId }) => `${stageId} ${moduleId}`)).toEqual(['1.1 1', '1.2 1'])
})

test('names of stages are names, whatever they are', () => {
  const named = ['__proto__', 'constructor', 'hasOwnProperty'].map((moduleId) => event(1, { stages: [{ moduleId }] }))
  expect(
    shown(named)
      .stages.map(({ stageId }) => stageId)
      .sort(),
  ).toEqual(['__proto__', 'constructor', 'hasOwnProperty'])
})

test('more than a hundred stages are not kept, and it says so', () => {
  const stages = Array.from({ length: 150 }, (_, moduleId) => ({ moduleId }))
  const { stages: kept, hasMoreStages } = shown([event(0, { stages })])
  expect([kept.length, hasMoreStages]).toEqual([100, true])
})
