import { errorMessage, knownConsequenceOf, MillraceError } from '../../core/errors.ts'
import type { ErrorDetails } from '../../core/errors.ts'

/** A record that its handler chose not to skip: the thread stops, offsets stay where the record is. */
export function recordFailed(stage: string, error: unknown, details: ErrorDetails): MillraceError {
  const { topic, partition, offset } = details
  const place = topic ? `for record ${topic}-${partition ?? -1}@${offset ?? -1}` : 'outside of a record'
  const at = details.operator === undefined ? '' : ` at ${details.operator}`
  return new MillraceError(
    'RECORD_FAILED',
    'fatal',
    `${stage}${at} failed ${place} of task ${details.taskId} (${errorMessage(error)}): repair the data or the code, or choose a handler that continues`,
    { cause: error, details },
  )
}

/** True for errors that are about the runtime, not about the record: they pass every record handler. */
export function isBeyondRecord(error: unknown): boolean {
  const consequence = knownConsequenceOf(error)
  return consequence !== undefined && consequence !== 'record'
}
