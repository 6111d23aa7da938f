import type { GroupMemberOptions } from '../../kafka/port.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** How a thread of this name takes part in the group of the application. */
export function memberOptions(
  { settings, processId, topics, stateDirectory }: ThreadEnvironment,
  threadName: string,
  { taskLags, onRebalance }: Pick<GroupMemberOptions, 'taskLags' | 'onRebalance'>,
): GroupMemberOptions {
  const { groupInstanceId } = settings
  return {
    clientId: threadName,
    groupId: settings.applicationId,
    instanceId: groupInstanceId === undefined ? undefined : `${groupInstanceId}-${threadName}`,
    processId,
    applicationServer: settings.applicationServer,
    protocol: topics.groupProtocol,
    topology: topics.groupTopology,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    heartbeatIntervalMs: settings.heartbeatIntervalMs,
    rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
    standbyReplicas: settings.standbyReplicas,
    acceptableRecoveryLag: settings.acceptableRecoveryLag,
    maxWarmupReplicas: settings.maxWarmupReplicas,
    probingRebalanceIntervalMs: settings.probingRebalanceIntervalMs,
    clientTags: settings.clientTags,
    rackAwareAssignmentTags: settings.rackAwareAssignmentTags,
    taskLags,
    taskPositions: () => stateDirectory.positions(),
    onRebalance,
  }
}
