import type { Admin, GroupMemberOptions } from '../../../port.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { KeptJoin, RejoinedMember } from '../keepalive-messages.ts'
import { ClassicAssignment } from './classic-assignment.ts'
import type { ClassicRequests } from './classic-requests.ts'

/**
 * Joins a classic group again in place of a member whose event loop is blocked, with the tasks that it had, so that a
 * rebalance does not wait for the loop. Assigns the tasks where the coordinator made the member the leader. What it is
 * to give back stays its own until the loop has heard of it: other members wait for these tasks alone.
 */
export async function rejoinHeld(
  cluster: Cluster,
  admin: Admin,
  requests: Pick<ClassicRequests, 'coordinator' | 'join' | 'sync'>,
  heldId: string,
  { subscription, options }: KeptJoin,
): Promise<RejoinedMember> {
  const nothing = new Map<string, number>()
  const told = { taskLags: () => nothing, taskPositions: () => nothing, onRebalance: () => {} }
  const assigning = new ClassicAssignment(cluster, admin, { ...options, ...told })
  const coordinator = await requests.coordinator(options.sessionTimeoutMs)
  const joined = await requests.join(coordinator, heldId, subscription, 'the event loop is blocked', () => {})
  const decision = await assigning.leaderDecision(joined)
  const identity = { memberId: heldId, generation: joined.generationId }
  const assignment = await requests.sync(coordinator, identity, assigning.encode(decision))
  return { ...identity, assignment, hasLed: decision !== undefined }
}

/** Functions cannot go to another thread. */
export function plainOptions({
  taskLags: _lags,
  taskPositions: _positions,
  onRebalance: _told,
  ...plain
}: GroupMemberOptions): KeptJoin['options'] {
  return plain
}
