import type { GroupDescription, GroupMemberDescription, TaskId, TopicPartition } from '../../port.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { protocolError } from '../connection/protocol-errors.ts'
import { tasksOf } from '../group/streams/task-lists.ts'
import {
  type StreamsGroupDescribeDescribedGroupResponse,
  type StreamsGroupDescribeMemberResponse,
  streamsGroupDescribeApi,
} from '../protocol/generated/streams-group-describe.ts'

/** State and members of a streams group, whatever client they are of. Rejects with GROUP_ID_NOT_FOUND (fatal). */
export async function describeStreamsGroup(
  cluster: Cluster,
  coordinator: number,
  groupId: string,
  timeoutMs: number,
): Promise<GroupDescription> {
  const body = { groupIds: [groupId], includeAuthorizedOperations: false }
  const [group] = (await cluster.request(coordinator, streamsGroupDescribeApi, body, { timeoutMs })).groups
  if (group === undefined || group.errorCode !== 0)
    throw protocolError(group?.errorCode ?? -1, `description of group ${groupId}`, { groupId })
  return { groupId, state: group.groupState, members: group.members.map((member) => describeMember(group, member)) }
}

function describeMember(
  group: StreamsGroupDescribeDescribedGroupResponse,
  {
    memberId,
    clientId,
    clientHost,
    instanceId,
    processId,
    userEndpoint,
    assignment,
  }: StreamsGroupDescribeMemberResponse,
): GroupMemberDescription {
  const active = tasksOf(assignment.activeTasks)
  return {
    memberId,
    clientId,
    host: clientHost.replace(/^\//, ''),
    instanceId: instanceId ?? undefined,
    processId: processId === '' ? undefined : processId,
    applicationServer: userEndpoint === null ? undefined : `${userEndpoint.host}:${userEndpoint.port}`,
    partitions: partitionsOf(group, active),
    active,
    standby: tasksOf(assignment.standbyTasks),
  }
}

/** What active tasks read: the topics of their subtopologies. */
function partitionsOf(
  { topology }: StreamsGroupDescribeDescribedGroupResponse,
  tasks: readonly TaskId[],
): readonly TopicPartition[] {
  const topics = new Map(
    (topology?.subtopologies ?? []).map(({ subtopologyId, sourceTopics, repartitionSourceTopics }) => [
      Number(subtopologyId),
      [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)],
    ]),
  )
  return tasks.flatMap(({ subtopology, partition }) =>
    (topics.get(subtopology) ?? []).map((topic) => ({ topic, partition })),
  )
}
