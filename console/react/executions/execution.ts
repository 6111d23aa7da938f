/** A stage, as the list of executions has it. */
export interface StageSummary {
  readonly stageId: string
  readonly moduleId: string
  readonly moduleName: string | null
  readonly status: string
  readonly startTime: string | null
  readonly endTime: string | null
  readonly durationMs: number | null
}

/** An execution, as the list has it: without data. */
export interface ExecutionSummary {
  readonly key: string
  readonly executionId: string
  readonly scenarioId: string
  readonly organizationId: string | null
  readonly status: string
  readonly startTime: string
  readonly endTime: string | null
  readonly durationMs: number | null
  readonly stages: readonly StageSummary[]
  readonly hasMoreStages: boolean
  readonly performance: { readonly creditsConsumed: number | null }
}

/** What the list answers. */
export interface ExecutionList {
  readonly sequence: number
  readonly executions: readonly ExecutionSummary[]
  readonly held: number
  readonly isPart: boolean
}

/** What only the whole execution has. */
export interface ExecutionData {
  readonly userId: string | null
  readonly errorDetails: unknown
  readonly stages: readonly (StageSummary & {
    readonly inputData: unknown
    readonly outputData: unknown
    readonly errorDetails: unknown
  })[]
}

export const statuses = ['running', 'success', 'warning', 'error', 'timed-out'] as const

/** Such as `340 ms`, `12.5 s` or `3 min 5 s`; a dash where it is not known. */
export function durationText(durationMs: number | null): string {
  if (durationMs === null) return '–'
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`
  const seconds = durationMs / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** Where a stage lies within its execution, in shares of the whole; undefined: it has no times. */
export function placeOf(
  { startTime, endTime, stages }: ExecutionSummary,
  stage: StageSummary,
): { readonly start: number; readonly length: number } | undefined {
  if (stage.startTime === null) return undefined
  const beginMs = Date.parse(startTime)
  const times = [endTime, ...stages.flatMap((one) => [one.startTime, one.endTime])]
  const endMs = Math.max(beginMs + 1, ...times.flatMap((time) => (time === null ? [] : Date.parse(time))))
  const share = (time: string): number => Math.min(1, Math.max(0, (Date.parse(time) - beginMs) / (endMs - beginMs)))
  const start = share(stage.startTime)
  return { start, length: Math.max(0.01, (stage.endTime === null ? 1 : share(stage.endTime)) - start) }
}
