import type { ExecutionList, ExecutionSummary } from './execution.ts'

/** More executions are not kept. */
export const executionsMax = 500

/** What the view knows. Never changed: an answer makes another one. */
export interface KnownExecutions {
  readonly sequence: number
  /** The last change first. */
  readonly executions: readonly ExecutionSummary[]
  /** Whether there are more than these. */
  readonly isPart: boolean
}

export const noExecutions: KnownExecutions = Object.freeze({ sequence: 0, executions: [], isPart: false })

/** Adds what has changed. A server that was started again counts from the beginning: what was known is left. */
export function withChanges(known: KnownExecutions, answer: ExecutionList): KnownExecutions {
  if (answer.sequence === known.sequence) return known
  if (answer.sequence < known.sequence) return noExecutions
  const changed = new Set(answer.executions.map(({ key }) => key))
  const others = known.executions.filter(({ key }) => !changed.has(key))
  const all = [...answer.executions, ...others]
  const isPart = answer.isPart || answer.held > executionsMax
  return { sequence: answer.sequence, executions: all.slice(0, executionsMax), isPart }
}

/** Those that have the status, and the text in one of their ids or in the name of a module. */
export function matching(
  executions: readonly ExecutionSummary[],
  status: string,
  text: string,
): readonly ExecutionSummary[] {
  const wanted = text.trim().toLowerCase()
  return executions.filter(
    (execution) =>
      (status === '' || execution.status === status) &&
      (wanted === '' || textsOf(execution).some((one) => one?.toLowerCase().includes(wanted) === true)),
  )
}

function textsOf({ scenarioId, executionId, organizationId, stages }: ExecutionSummary): readonly (string | null)[] {
  return [scenarioId, executionId, organizationId, ...stages.map(({ moduleName }) => moduleName)]
}
