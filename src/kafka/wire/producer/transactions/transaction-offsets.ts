import { Backoff } from '../../../../core/backoff.ts'
import type { GroupMetadata, OffsetAndMetadata } from '../../../port.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { onCoordinator } from '../../cluster/on-coordinator.ts'
import {
  checkCommit,
  committedTopics,
  type LiveGroupMetadata,
  offsetsLane,
  refuseForeign,
} from '../../group/offsets.ts'
import type { ProducerIdentity } from '../producer-batch.ts'
import { noLongerWanted, quickBackoff, transactionAborted } from './transaction-errors.ts'
import { txnOffsetCommitApi } from '../../protocol/generated/txn-offset-commit.ts'

/** Before version 5 the coordinator of the transaction has to know of the group first. */
const afterAddOffsetsApi = { ...txnOffsetCommitApi, maxVersion: 4 }
const implicitApi = { ...txnOffsetCommitApi, minVersion: 5 }

/** The transaction that offsets are part of. */
export interface OffsetTransaction {
  readonly transactionalId: string
  readonly identity: ProducerIdentity
  /** The group's coordinator adds itself to the transaction (KIP-890). */
  readonly addsImplicitly: boolean
  /** false: the transaction cannot be committed any more. */
  readonly isWanted: () => boolean
}

/**
 * Adds offsets of the group to the transaction: they count once it is committed. Like `commitOffsets` it follows the
 * generations of a live member, and rejects with GROUP_FENCED (task-migrated). Is not tried again once it is not wanted any more. A topic that does not exist fails the
 * transaction (TRANSACTION_ABORTABLE), because nobody knows whether it will be back.
 */
export async function commitOffsetsInTransaction(
  cluster: Cluster,
  offsets: readonly OffsetAndMetadata[],
  group: GroupMetadata | LiveGroupMetadata,
  { transactionalId, identity, addsImplicitly, isWanted }: OffsetTransaction,
  timeoutMs: number,
): Promise<void> {
  refuseForeign(offsets, group)
  const topics = committedTopics(offsets)
  const api = addsImplicitly ? implicitApi : afterAddOffsetsApi
  const step = async (coordinator: number, tryMs: number): Promise<void> => {
    if (!isWanted()) throw noLongerWanted(transactionalId)
    const { groupId, generation, memberId } = group
    const body = {
      transactionalId,
      groupId,
      producerId: identity.producerId,
      producerEpoch: identity.epoch,
      generationId: generation,
      memberId,
      groupInstanceId: group.instanceId ?? null,
      topics,
    }
    const response = await cluster.request(coordinator, api, body, { timeoutMs: tryMs, lane: offsetsLane })
    const missing = checkCommit(response.topics, offsets, group, generation)
    if (missing !== undefined) throw transactionAborted(transactionalId, missing)
  }
  await onCoordinator(cluster, 'group', group.groupId, timeoutMs, step, new Backoff(quickBackoff(cluster.config)))
}
