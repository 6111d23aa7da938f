import type { ExecutionEvent, StageEvent } from './execution-event.ts'
import { earlier, type KnownFields, learn, learnStatus, valueOf } from './known-fields.ts'

/** More stages of an execution are not kept. */
export const stagesMax = 100

/** What is known of a stage. It is JSON. */
export interface StageState {
  startMs: number | null
  readonly fields: KnownFields
}

/** All that the events of an execution have said. It is JSON. */
export interface ExecutionState {
  readonly executionId: string
  readonly scenarioId: string
  startMs: number | null
  /** The earliest time of an event. */
  firstMs: number
  readonly fields: KnownFields
  readonly stages: Record<string, StageState>
  hasMoreStages: boolean
  /** When Kafka received the last of its events. */
  receivedMs: number
  /** Events that said something new. */
  changes: number
  /** When its time was over without an end; null: it was not. */
  timedOutMs: number | null
}

const stageFields = ['moduleId', 'moduleName', 'endMs', 'inputData', 'outputData', 'errorDetails'] as const
const executionFields = ['organizationId', 'userId', 'endMs', 'errorDetails'] as const
const performanceFields = ['totalDuration', 'dataProcessed', 'apiCallsCount', 'creditsConsumed'] as const

/** An execution of which nothing is known yet. */
export function newExecution({ executionId, scenarioId, timeMs }: ExecutionEvent, receivedMs: number): ExecutionState {
  return {
    executionId,
    scenarioId,
    startMs: null,
    firstMs: timeMs,
    fields: {},
    stages: Object.create(null) as Record<string, StageState>,
    hasMoreStages: false,
    receivedMs,
    changes: 0,
    timedOutMs: null,
  }
}

/** Adds what an event says, in place. Returns whether it said something new. */
export function addEvent(state: ExecutionState, event: ExecutionEvent, receivedMs: number): boolean {
  const { timeMs } = event
  const startMs = earlier(state.startMs, event.startMs)
  const firstMs = Math.min(state.firstMs, timeMs)
  let isNew = state.changes === 0 || startMs !== state.startMs || firstMs !== state.firstMs
  state.startMs = startMs
  state.firstMs = firstMs
  state.receivedMs = Math.max(state.receivedMs, receivedMs)
  for (const name of executionFields) isNew = learn(state.fields, name, event[name], timeMs) || isNew
  for (const name of performanceFields) isNew = learn(state.fields, name, event.performance[name], timeMs) || isNew
  isNew = learnStatus(state.fields, event.status, timeMs) || isNew
  for (const stage of event.stages) isNew = addStage(state, stage, timeMs) || isNew
  if (isNew) state.changes++
  // Its time begins again with each event, and an end ends it.
  if (isNew && isEnded(state)) state.timedOutMs = null
  return isNew
}

/** Whether an event said that it ended. */
export function isEnded({ fields }: ExecutionState): boolean {
  const status = valueOf(fields, 'status')
  return status !== null && status !== 'running'
}

function addStage(state: ExecutionState, stage: StageEvent, timeMs: number): boolean {
  const known = Object.hasOwn(state.stages, stage.stageId) ? state.stages[stage.stageId] : undefined
  if (known === undefined && Object.keys(state.stages).length >= stagesMax) {
    const isNew = !state.hasMoreStages
    state.hasMoreStages = true
    return isNew
  }
  const row = known ?? { startMs: null, fields: {} }
  const startMs = earlier(row.startMs, stage.startMs)
  let isNew = known === undefined || startMs !== row.startMs
  row.startMs = startMs
  for (const name of stageFields) isNew = learn(row.fields, name, stage[name], timeMs) || isNew
  isNew = learnStatus(row.fields, stage.status, timeMs) || isNew
  if (known === undefined) Object.defineProperty(state.stages, stage.stageId, { ...plain, value: row })
  return isNew
}

/** A member like any other, whatever its name is. */
const plain = { configurable: true, enumerable: true, writable: true }
