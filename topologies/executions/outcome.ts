import type { Execution } from '../../schemas/execution.ts'

/** What alerts have to know of an execution. */
export interface Outcome {
  /** Of the execution. */
  readonly key: string
  readonly executionId: string
  readonly scenarioId: string
  readonly organizationId: string | null
  readonly revision: number
  readonly status: Execution['status']
  /** Epoch milliseconds. */
  readonly startMs: number
  /** Null while it runs. */
  readonly endMs: number | null
  readonly durationMs: number | null
  readonly credits: number
  /** What went wrong, in one line; empty: nobody said. */
  readonly error: string
}

const errorLengthMax = 300

/** Undefined: nothing has happened yet that an alert could be about. */
export function outcomeOf(key: string, execution: Execution): Outcome | undefined {
  const { executionId, scenarioId, organizationId, revision, status, startTime, endTime, durationMs } = execution
  const credits = execution.performance.creditsConsumed ?? 0
  if (status === 'running' && credits === 0) return undefined
  return {
    key,
    executionId,
    scenarioId,
    organizationId,
    revision,
    status,
    startMs: Date.parse(startTime),
    endMs: endTime === null ? null : Date.parse(endTime),
    durationMs,
    credits,
    error: lineOf(errorOf(execution)),
  }
}

/** Outcomes of one organization have one key, so that one task counts its credits. */
export function outcomeKey({ organizationId, scenarioId }: Outcome): string {
  return organizationId === null ? `scenario/${scenarioId}` : `organization/${organizationId}`
}

/** That of the execution, else of the first stage that has one. */
function errorOf({ errorDetails, stages }: Execution): unknown {
  return errorDetails ?? stages.find((stage) => stage.errorDetails !== null)?.errorDetails ?? null
}

function lineOf(error: unknown): string {
  if (error === null) return ''
  const message = typeof error === 'object' ? (error as Readonly<Record<string, unknown>>).message : error
  const text = typeof message === 'string' ? message : JSON.stringify(error)
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= errorLengthMax ? line : `${line.slice(0, errorLengthMax).replace(/[\ud800-\udbff]$/, '')}…`
}
