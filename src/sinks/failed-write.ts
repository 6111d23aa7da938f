import { errorCode, errorMessage, isMillraceError } from '../core/errors.ts'
import type { SinkBatch, SinkFailure, WriteResult } from './batch-target.ts'
import { doubtful, notTaken } from './write-results.ts'

const reasonLengthMax = 1000

/** The error of a target as a text for people. */
export function failureOf(error: unknown): SinkFailure {
  const isOurs = isMillraceError(error)
  const retryAfterMs = isOurs ? error.details.retryAfterMs : undefined
  return {
    code: errorCode(error) ?? 'SINK_FAILED',
    reason: errorMessage(error).slice(0, reasonLengthMax),
    needsPerson: isOurs && error.consequence === 'fatal',
    ...(typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
  }
}

/** A document may be the reason of these: the target takes long over it, or ends the connection because of it. */
const doubtfulCodes: ReadonlySet<string> = new Set(['SINK_TIMEOUT', 'SINK_NO_ANSWER'])

/** A write that threw took nothing. What nobody classified one of the documents may have caused too. */
export function failedWrite<Batch extends SinkBatch>(batch: Batch, error: unknown): WriteResult<Batch> {
  const failure = failureOf(error)
  return isMillraceError(error) && !doubtfulCodes.has(failure.code)
    ? notTaken(batch, failure)
    : doubtful(batch, failure)
}
