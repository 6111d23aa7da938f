import { consequenceOf, MillraceError } from '../../../core/errors.ts'
import type { GroupDescription, GroupMemberDescription, GroupProtocol } from '../../port.ts'
import { describeStreamsGroup } from './admin-streams-groups.ts'
import { Backoff } from '../../../core/backoff.ts'
import { Deadline, retryUntil } from '../connection/retry-until.ts'
import { type Cluster, sharedLane } from '../cluster/cluster.ts'
import { errorCodes, protocolError } from '../connection/protocol-errors.ts'
import { ClassicRequests } from '../group/classic/classic-requests.ts'
import { decodeAssignment, subscriptionUserData } from '../group/classic/embedded-protocol.ts'
import { decodeMemberAssignment, decodeMemberState } from '../group/classic/group-user-data.ts'
import { onCoordinator } from '../cluster/on-coordinator.ts'
import type { MemberRequests } from '../group/member-requests.ts'
import { StreamsRequests } from '../group/streams/streams-requests.ts'
import { deleteGroupsApi } from '../protocol/generated/delete-groups.ts'
import {
  type DescribeGroupsDescribedGroupMemberResponse,
  describeGroupsApi,
} from '../protocol/generated/describe-groups.ts'
import { type ListGroupsListedGroupResponse, listGroupsApi } from '../protocol/generated/list-groups.ts'

/** Groups of every kind; each broker knows those that it coordinates, so all are asked. */
export async function listGroups(cluster: Cluster): Promise<readonly string[]> {
  const { clock, requestTimeoutMs, retryBackoff } = cluster.config
  const deadline = new Deadline(clock, requestTimeoutMs)
  const backoff = new Backoff(retryBackoff)
  return retryUntil(clock, deadline, backoff, async () => {
    await cluster.refresh([], deadline.remainingMs())
    const asked = [...cluster.metadata.nodes.keys()].map((nodeId) => groupsOf(cluster, nodeId, deadline.remainingMs()))
    return [...new Set((await Promise.all(asked)).flat())].sort()
  })
}

async function groupsOf(cluster: Cluster, nodeId: number, timeoutMs: number): Promise<readonly string[]> {
  return (await listedBy(cluster, nodeId, timeoutMs)).map((group) => group.groupId)
}

async function listedBy(
  cluster: Cluster,
  nodeId: number,
  timeoutMs: number,
): Promise<readonly ListGroupsListedGroupResponse[]> {
  const { errorCode, groups } = await cluster.request(nodeId, listGroupsApi, { statesFilter: [] }, { timeoutMs })
  if (errorCode !== 0) throw protocolError(errorCode, `groups of broker ${nodeId}`)
  return groups
}

/**
 * State and members of a classic or a streams group. Rejects with GROUP_ID_NOT_FOUND (fatal) if there is no such group,
 * and with INCONSISTENT_GROUP_PROTOCOL (fatal) for one whose members use another protocol.
 */
export async function describeGroup(cluster: Cluster, groupId: string): Promise<GroupDescription> {
  return onCoordinator(cluster, 'group', groupId, cluster.config.requestTimeoutMs, async (coordinator, timeoutMs) => {
    const body = { groups: [groupId], includeAuthorizedOperations: false }
    const [group] = (await cluster.request(coordinator, describeGroupsApi, body, { timeoutMs })).groups
    if (group === undefined || group.errorCode !== 0) {
      if (group?.errorCode === errorCodes.groupIdNotFound) {
        const groupType = await otherProtocolOf(cluster, coordinator, groupId, timeoutMs)
        if (groupType === 'streams') return describeStreamsGroup(cluster, coordinator, groupId, timeoutMs)
      }
      throw protocolError(group?.errorCode ?? -1, `description of group ${groupId}`, { groupId })
    }
    // Before DescribeGroups 6 a group that does not exist is described as dead.
    if (group.groupState === 'Dead')
      throw protocolError(errorCodes.groupIdNotFound, `description of group ${groupId}`, { groupId })
    return { groupId, state: group.groupState, members: group.members.map(describeMember) }
  })
}

/**
 * Brokers say of a group with another protocol that there is none, also while it has members. undefined: there is none.
 * Rejects with INCONSISTENT_GROUP_PROTOCOL (fatal) for a protocol that no application of ours speaks.
 */
async function otherProtocolOf(
  cluster: Cluster,
  nodeId: number,
  groupId: string,
  timeoutMs: number,
): Promise<'streams' | undefined> {
  const listed = (await listedBy(cluster, nodeId, timeoutMs)).find((group) => group.groupId === groupId)
  if (listed === undefined || /^(classic)?$/i.test(listed.groupType)) return undefined
  const { groupType, groupState } = listed
  if (/^streams$/i.test(groupType)) return 'streams'
  const text = `group ${groupId} has the protocol '${groupType.toLowerCase()}' and is ${groupState}: only groups of the classic and of the streams protocol can be described`
  throw new MillraceError('INCONSISTENT_GROUP_PROTOCOL', 'fatal', text)
}

const noBytes = new Uint8Array(0)

function describeMember(member: DescribeGroupsDescribedGroupMemberResponse): GroupMemberDescription {
  const { memberId, clientId, clientHost, groupInstanceId, memberMetadata, memberAssignment } = member
  const assigned = readable(memberAssignment, decodeAssignment)
  const state = readable(memberMetadata, (bytes) => decodeMemberState(subscriptionUserData(bytes)))
  const tasks = readable(assigned?.userData ?? noBytes, decodeMemberAssignment)
  return {
    memberId,
    clientId,
    host: clientHost.replace(/^\//, ''),
    instanceId: groupInstanceId ?? undefined,
    processId: state?.processId,
    applicationServer: state?.applicationServer || undefined,
    partitions: (assigned?.assignedPartitions ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
    active: tasks?.active,
    standby: tasks?.standby,
  }
}

/** Brokers leave the bytes out while a group rebalances, and other libraries write what they like. */
function readable<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T | undefined): T | undefined {
  if (bytes.length === 0) return undefined
  try {
    return decode(bytes)
  } catch {
    return undefined
  }
}

/** Groups that do not exist are skipped; a group with members rejects with NON_EMPTY_GROUP (fatal). */
export async function deleteGroups(cluster: Cluster, groupIds: readonly string[]): Promise<void> {
  const deadline = new Deadline(cluster.config.clock, cluster.config.requestTimeoutMs)
  for (const groupId of groupIds) {
    await onCoordinator(cluster, 'group', groupId, deadline.remainingMs(), async (coordinator, timeoutMs) => {
      const [result] = (await cluster.request(coordinator, deleteGroupsApi, { groupsNames: [groupId] }, { timeoutMs }))
        .results
      if (result === undefined)
        throw new MillraceError('PROTOCOL_VIOLATION', 'retriable', `no answer about group ${groupId}`)
      if (result.errorCode === 0 || result.errorCode === errorCodes.groupIdNotFound) return
      throw protocolError(result.errorCode, `deletion of group ${groupId}`, { groupId })
    })
  }
}

/** Leaves for a member that cannot. A group that does not know it, or that is gone, needs nothing. */
export async function removeMember(
  cluster: Cluster,
  groupId: string,
  memberId: string,
  protocol: GroupProtocol,
): Promise<void> {
  const { clientId, requestTimeoutMs } = cluster.config
  const member = { clientId, groupId, instanceId: undefined, sessionTimeoutMs: 0, rebalanceTimeoutMs: 0 }
  const requests: MemberRequests =
    protocol === 'classic'
      ? new ClassicRequests(cluster, member, sharedLane)
      : new StreamsRequests(cluster, member, sharedLane)
  try {
    await onCoordinator(cluster, 'group', groupId, requestTimeoutMs, (coordinator, timeoutMs) =>
      requests.leave(coordinator, memberId, 'its thread has died', timeoutMs),
    )
  } catch (error) {
    if (consequenceOf(error) !== 'task-migrated') throw error
  }
}
