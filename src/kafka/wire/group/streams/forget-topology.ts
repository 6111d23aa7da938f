import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { errorCodes, protocolError } from '../../connection/protocol-errors.ts'
import { joinGroupApi } from '../../protocol/generated/join-group.ts'
import { leaveGroupApi } from '../../protocol/generated/leave-group.ts'

/**
 * Makes a streams group without members a classic one without members: brokers do so for the first request of a member
 * of the classic protocol. The group forgets its topology by that, and keeps its offsets; the next member may begin it
 * as a streams group again. Rejects with INCONSISTENT_GROUP_PROTOCOL where somebody has joined meanwhile.
 */
export async function forgetTopology(
  cluster: Cluster,
  coordinator: number,
  {
    groupId,
    clientId,
    rebalanceTimeoutMs,
    lane,
  }: {
    readonly groupId: string
    readonly clientId: string
    readonly rebalanceTimeoutMs: number
    readonly lane: Lane
  },
  timeoutMs: number,
): Promise<void> {
  const options = { timeoutMs, lane, clientId }
  const join = {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'none', metadata: new Uint8Array(0) }],
    reason: 'the topology has changed',
  }
  // The answer names the member that it would be; it never comes to a rebalance.
  const { errorCode, memberId } = await cluster.request(coordinator, joinGroupApi, join, options)
  if (errorCode !== errorCodes.memberIdRequired)
    throw protocolError(errorCode, `change of topology of group ${groupId}`)
  const body = { groupId, members: [{ memberId, groupInstanceId: null, reason: join.reason }] }
  await cluster.request(coordinator, leaveGroupApi, body, options)
}
