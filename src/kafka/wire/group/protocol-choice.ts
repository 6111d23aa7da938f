import type { GroupProtocol, GroupProtocolRequest } from '../../port.ts'
import { missingInStreams, reasonForClassic } from '../../group-protocol.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { onCoordinator } from '../cluster/on-coordinator.ts'
import { errorCodes, protocolError } from '../connection/protocol-errors.ts'
import { describeGroupsApi } from '../protocol/generated/describe-groups.ts'
import { streamsGroupDescribeApi } from '../protocol/generated/streams-group-describe.ts'
import { streamsNotSupported } from './streams/streams-limits.ts'

const streamsFeature = 'streams.version'

/** See `KafkaDriver`. What `auto` becomes is logged with its reason. */
export async function chooseGroupProtocol(cluster: Cluster, request: GroupProtocolRequest): Promise<GroupProtocol> {
  if (request.wanted === 'classic') return 'classic'
  const missing = missingInStreams(request)
  if (request.wanted === 'streams') {
    if (missing !== undefined) throw streamsNotSupported(`which does not have ${missing}`)
    if (await isOffered(cluster, request.groupId)) return 'streams'
    throw streamsNotSupported('which the cluster does not offer: it needs Kafka 4.2 and the feature streams.version')
  }
  const { protocol, reason } = await choiceOf(cluster, request, missing)
  cluster.config.logger.info({ groupId: request.groupId, groupProtocol: protocol, reason }, 'group protocol chosen')
  return protocol
}

interface Choice {
  readonly protocol: GroupProtocol
  readonly reason: string
}

const classicBecause = (reason: string): Choice => ({ protocol: 'classic', reason })
const streamsBecause = (reason: string): Choice => ({ protocol: 'streams', reason })

/** What `auto` is: members that are there decide, since all members of a group have one protocol. */
async function choiceOf(cluster: Cluster, request: GroupProtocolRequest, missing: string | undefined): Promise<Choice> {
  const { groupId } = request
  if (missing !== undefined) return classicBecause(`the streams protocol does not have ${missing}`)
  if (!(await isOffered(cluster, groupId))) return classicBecause('the cluster does not offer the streams protocol')
  const present = await presentProtocol(cluster, groupId)
  if (present === 'classic') return classicBecause('the group has members of this protocol')
  if (present === 'streams') return streamsBecause('the group has members of this protocol')
  const reason = reasonForClassic(request)
  if (reason !== undefined) return classicBecause(reason)
  return streamsBecause('the cluster offers it, and nothing needs the classic protocol')
}

async function isOffered(cluster: Cluster, groupId: string): Promise<boolean> {
  return onCoordinator(cluster, 'group', groupId, cluster.config.requestTimeoutMs, async (coordinator, timeoutMs) => {
    return (await cluster.featureLevel(coordinator, streamsFeature, { timeoutMs })) >= 1
  })
}

/** That of the members of the group; undefined while it has none. */
async function presentProtocol(cluster: Cluster, groupId: string): Promise<GroupProtocol | undefined> {
  return onCoordinator(cluster, 'group', groupId, cluster.config.requestTimeoutMs, async (coordinator, timeoutMs) => {
    const classic = { groups: [groupId], includeAuthorizedOperations: false }
    const [asClassic] = (await cluster.request(coordinator, describeGroupsApi, classic, { timeoutMs })).groups
    if (hasMembers(groupId, asClassic)) return 'classic'
    const streams = { groupIds: [groupId], includeAuthorizedOperations: false }
    const [asStreams] = (await cluster.request(coordinator, streamsGroupDescribeApi, streams, { timeoutMs })).groups
    return hasMembers(groupId, asStreams) ? 'streams' : undefined
  })
}

/** A group of another kind is described as one that does not exist. */
function hasMembers(
  groupId: string,
  group: { readonly errorCode: number; readonly members: readonly unknown[] } | undefined,
): boolean {
  if (group?.errorCode === errorCodes.groupIdNotFound) return false
  if (group === undefined || group.errorCode !== 0)
    throw protocolError(group?.errorCode ?? -1, `description of group ${groupId}`, { groupId })
  return group.members.length > 0
}
