import { Backoff } from '../../../core/backoff.ts'
import { consequenceOf, type MillraceError } from '../../../core/errors.ts'
import { Deadline, retryUntil, Tries } from '../connection/retry-until.ts'
import { errorCodes, protocolErrorKind } from '../connection/protocol-errors.ts'
import type { Cluster } from './cluster.ts'
import type { CoordinatorKind } from './cluster-coordinators.ts'

/**
 * Runs the step against the coordinator of a group or a transactional id; after a retriable failure the coordinator is
 * looked up again. `step` gets the time that one try may take.
 */
export async function onCoordinator<T>(
  cluster: Cluster,
  kind: CoordinatorKind,
  key: string,
  timeoutMs: number,
  step: (coordinator: number, remainingMs: number) => Promise<T>,
  backoff = new Backoff(cluster.config.retryBackoff),
): Promise<T> {
  const { clock, requestTimeoutMs } = cluster.config
  const deadline = new Deadline(clock, timeoutMs)
  const tries = new Tries(deadline, requestTimeoutMs)
  return retryUntil(clock, deadline, backoff, async () => {
    const coordinator = await cluster.coordinators.find(kind, key, deadline.remainingMs())
    try {
      return await step(coordinator, tries.nextMs())
    } catch (error) {
      if (consequenceOf(error) === 'retriable' && !keepsCoordinator.has((error as MillraceError).code)) {
        cluster.coordinators.forget(kind, key, coordinator)
      }
      throw error
    }
  })
}

/** Retriable answers that only the right coordinator gives. */
const keepsCoordinator: ReadonlySet<string> = new Set(
  [
    errorCodes.rebalanceInProgress,
    errorCodes.illegalGeneration,
    errorCodes.coordinatorLoadInProgress,
    errorCodes.concurrentTransactions,
    errorCodes.unstableOffsetCommit,
    errorCodes.unknownTopicOrPartition,
  ].map((code) => protocolErrorKind(code).name),
)
