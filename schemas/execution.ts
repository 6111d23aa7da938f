/** What an event can say of an execution or of one of its stages. */
export const givenStatuses = ['running', 'success', 'warning', 'error'] as const
/** One of `givenStatuses`. */
export type GivenStatus = (typeof givenStatuses)[number]

/** `timed-out`: no event said that it ended, for longer than the setting allows. */
export type ExecutionStatus = GivenStatus | 'timed-out'

/** Sums of an execution, as its events report them; null: no event has it. */
export interface ExecutionPerformance {
  /** Milliseconds. */
  readonly totalDuration: number | null
  /** Bytes. */
  readonly dataProcessed: number | null
  readonly apiCallsCount: number | null
  readonly creditsConsumed: number | null
}

/** One run of a module. Data is redacted; what is longer than the setting allows is a text that is cut. */
export interface ExecutionStage {
  /** Of this run of the module: `stageId` of its events, else `moduleId`. */
  readonly stageId: string
  readonly moduleId: string
  readonly moduleName: string | null
  readonly status: GivenStatus
  /** ISO 8601; null: no event has it. */
  readonly startTime: string | null
  readonly endTime: string | null
  /** From start to end; null where one of them is unknown. */
  readonly durationMs: number | null
  readonly inputData: unknown
  readonly outputData: unknown
  readonly errorDetails: unknown
}

/** An execution of a scenario as the topic of executions has it: all that its events have said so far. */
export interface Execution {
  readonly executionId: string
  readonly scenarioId: string
  readonly organizationId: string | null
  readonly userId: string | null
  readonly status: ExecutionStatus
  /** ISO 8601. */
  readonly startTime: string
  /** Null while it runs. */
  readonly endTime: string | null
  /** `performance.totalDuration`, else from start to end; null while it runs, and where its end never came. */
  readonly durationMs: number | null
  /** In the order in which they started. */
  readonly stages: readonly ExecutionStage[]
  /** Whether there were more stages than are kept. */
  readonly hasMoreStages: boolean
  readonly performance: ExecutionPerformance
  readonly errorDetails: unknown
  /** Grows with each change, and is the same after a restart. */
  readonly revision: number
}
