import type { Execution, ExecutionStage, ExecutionStatus, GivenStatus } from '../../schemas/execution.ts'
import { type ExecutionState, isEnded, type StageState } from './execution-state.ts'
import { valueOf } from './known-fields.ts'

/** The status of an execution, and its times in epoch milliseconds; null: it has none yet. */
export interface ExecutionTimes {
  readonly status: ExecutionStatus
  readonly startMs: number
  readonly endMs: number | null
  readonly durationMs: number | null
}

/** When and how it began and ended, by all that is known. */
export function timesOf(state: ExecutionState): ExecutionTimes {
  const stages = Object.values(state.stages)
  const starts = stages.flatMap(({ startMs }) => (startMs === null ? [] : [startMs]))
  const startMs = state.startMs ?? Math.min(state.firstMs, ...starts)
  if (!isEnded(state)) {
    const { timedOutMs } = state
    const status = timedOutMs === null ? 'running' : 'timed-out'
    return { status, startMs, endMs: timedOutMs, durationMs: null }
  }
  const saidMs = state.fields.status?.[1] ?? startMs
  const ends = stages.flatMap(({ fields }) => valueOf<number>(fields, 'endMs') ?? [])
  const endMs = valueOf<number>(state.fields, 'endMs') ?? Math.max(saidMs, ...ends)
  const durationMs = valueOf<number>(state.fields, 'totalDuration') ?? Math.max(0, endMs - startMs)
  return { status: valueOf<GivenStatus>(state.fields, 'status') ?? 'running', startMs, endMs, durationMs }
}

/** A time-out counts as half a change: the event that corrects it is always the later one. */
export function revisionOf({ changes, timedOutMs }: ExecutionState): number {
  return 2 * changes + (timedOutMs === null ? 0 : 1)
}

/** The execution as others read it. */
export function executionOf(state: ExecutionState): Execution {
  const { executionId, scenarioId, fields } = state
  const { status, startMs, endMs, durationMs } = timesOf(state)
  return {
    executionId,
    scenarioId,
    organizationId: valueOf(fields, 'organizationId'),
    userId: valueOf(fields, 'userId'),
    status,
    startTime: new Date(startMs).toISOString(),
    endTime: isoOf(endMs),
    durationMs,
    stages: Object.entries(state.stages).sort(inOrder).map(stageOf),
    hasMoreStages: state.hasMoreStages,
    performance: {
      totalDuration: valueOf(fields, 'totalDuration'),
      dataProcessed: valueOf(fields, 'dataProcessed'),
      apiCallsCount: valueOf(fields, 'apiCallsCount'),
      creditsConsumed: valueOf(fields, 'creditsConsumed'),
    },
    errorDetails: valueOf(fields, 'errorDetails'),
    revision: revisionOf(state),
  }
}

function stageOf([stageId, { startMs, fields }]: readonly [string, StageState]): ExecutionStage {
  const endMs = valueOf<number>(fields, 'endMs')
  return {
    stageId,
    moduleId: valueOf(fields, 'moduleId') ?? stageId,
    moduleName: valueOf(fields, 'moduleName'),
    status: valueOf(fields, 'status') ?? 'running',
    startTime: isoOf(startMs),
    endTime: isoOf(endMs),
    durationMs: startMs === null || endMs === null ? null : Math.max(0, endMs - startMs),
    inputData: valueOf(fields, 'inputData'),
    outputData: valueOf(fields, 'outputData'),
    errorDetails: valueOf(fields, 'errorDetails'),
  }
}

/** Those that started first, then by id: the same order whatever came first. */
function inOrder([leftId, left]: [string, StageState], [rightId, right]: [string, StageState]): number {
  const [leftMs, rightMs] = [left.startMs ?? Number.MAX_VALUE, right.startMs ?? Number.MAX_VALUE]
  return leftMs - rightMs || (leftId < rightId ? -1 : 1)
}

function isoOf(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}
