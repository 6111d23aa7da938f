import type { ExecutionPerformance, GivenStatus } from '../../schemas/execution.ts'

/** What an event says of one stage; null: nothing. */
export interface StageEvent {
  readonly stageId: string
  readonly moduleId: string
  readonly moduleName: string | null
  readonly status: GivenStatus | null
  /** Epoch milliseconds. */
  readonly startMs: number | null
  readonly endMs: number | null
  readonly inputData: unknown
  readonly outputData: unknown
  readonly errorDetails: unknown
}

/** An event that was read, redacted and bounded: a part of what is known of an execution; null: it says nothing of that. */
export interface ExecutionEvent {
  readonly executionId: string
  readonly scenarioId: string
  readonly organizationId: string | null
  readonly userId: string | null
  /** Its own time, else that of its record; epoch milliseconds. */
  readonly timeMs: number
  readonly status: GivenStatus | null
  readonly startMs: number | null
  readonly endMs: number | null
  readonly stages: readonly StageEvent[]
  readonly performance: ExecutionPerformance
  readonly errorDetails: unknown
}

/** The key of all events of an execution. A slash in the id of its scenario is written as %2F: two ids never are the same key. */
export function executionKey({ scenarioId, executionId }: Pick<ExecutionEvent, 'scenarioId' | 'executionId'>): string {
  return `${scenarioId.replace(/[%/]/g, encodeURIComponent)}/${executionId}`
}
