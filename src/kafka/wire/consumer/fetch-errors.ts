import { MillraceError } from '../../../core/errors.ts'
import type { TopicPartition } from '../../port.ts'
import { protocolError, protocolErrorKind } from '../connection/protocol-errors.ts'

/**
 * The action of a consumer on a partition's error.
 * - `reset`: the position is outside the log
 * - `refresh`: ask for the leader again, then retry after a backoff
 * - `retry`: after a backoff
 * - `fail`: `poll` rejects
 */
export type FetchAction = 'reset' | 'refresh' | 'retry' | 'fail'

const special = new Map<number, FetchAction>([
  [1, 'reset'],
  // The broker's disk: asking again reads the same bytes.
  [2, 'fail'],
  // An exception inside the broker; Java's consumer retries it too.
  [-1, 'retry'],
])

export function fetchAction(errorCode: number): FetchAction {
  const known = special.get(errorCode)
  if (known !== undefined) return known
  const kind = protocolErrorKind(errorCode)
  if (kind.refreshMetadata) return 'refresh'
  return kind.consequence === 'retriable' ? 'retry' : 'fail'
}

/** Session errors of a whole response: the next fetch begins a new session. */
export function isSessionError(errorCode: number): boolean {
  return errorCode === 70 || errorCode === 71 || errorCode === 106
}

export function fetchError(
  { topic, partition }: TopicPartition,
  offset: number | undefined,
  errorCode: number,
): MillraceError {
  const details = { topic, partition, offset }
  const error = protocolError(errorCode, `fetching ${topic}-${partition} at offset ${offset ?? 'unknown'}`, details)
  const code = errorCode === 2 ? 'CORRUPT_BATCH' : error.code
  return new MillraceError(code, 'fatal', error.message, { details })
}

export function logTruncated({ topic, partition }: TopicPartition, offset: number, endOffset: number): MillraceError {
  return new MillraceError(
    'LOG_TRUNCATED',
    'fatal',
    `records of ${topic}-${partition} from offset ${endOffset} to ${offset} were read and then lost by an unclean leader election, and offsetReset is 'none': seek to ${endOffset} to read the records that are there now`,
    { details: { topic, partition, offset, endOffset } },
  )
}

export function topicWithoutId({ topic, partition }: TopicPartition): MillraceError {
  return new MillraceError(
    'TOPIC_WITHOUT_ID',
    'fatal',
    `topic ${topic} has no id, so its partition ${partition} cannot be fetched: raise inter.broker.protocol.version of the cluster to 2.8 or newer, or move it to KRaft`,
    { details: { topic, partition } },
  )
}
