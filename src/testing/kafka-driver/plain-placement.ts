import type { GroupMemberOptions } from '../../kafka/port.ts'

/** The options of a member that has no state, says nothing of its place and counts no rebalances. */
export const plainPlacement = Object.freeze({
  standbyReplicas: 0,
  acceptableRecoveryLag: 10_000,
  maxWarmupReplicas: 2,
  probingRebalanceIntervalMs: 600_000,
  clientTags: {},
  rackAwareAssignmentTags: [],
  taskLags: () => new Map<string, number>(),
  taskPositions: () => new Map<string, number>(),
  onRebalance: () => {},
}) satisfies Partial<GroupMemberOptions>
