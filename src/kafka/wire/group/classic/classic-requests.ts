import type { Cluster, Lane, RequestOptions } from '../../cluster/cluster.ts'
import { errorCodes, protocolError } from '../../connection/protocol-errors.ts'
import type { MemberIdentity, MemberRequests, RequestingMember } from '../member-requests.ts'
import { heartbeatApi } from '../../protocol/generated/heartbeat.ts'
import { type JoinGroupResponse, joinGroupApi } from '../../protocol/generated/join-group.ts'
import { leaveGroupApi } from '../../protocol/generated/leave-group.ts'
import { syncGroupApi, type SyncGroupRequest } from '../../protocol/generated/sync-group.ts'

/**
 * The coordinator answers a join when every member has joined, so it may take the rebalance timeout and a little more.
 */
const joinGraceMs = 5000

export const protocolType = 'consumer'
export const protocolName = 'millrace-sticky'

/**
 * A broker reads the requests of a connection one by one, and a join may take minutes: a leave request must not wait
 * behind it.
 */
const leavingLane: Lane = 'leaving'

/**
 * The four requests of a classic group to its coordinator: JoinGroup, SyncGroup, Heartbeat and, on a lane of its own,
 * LeaveGroup. Each rejects with the error of the answer's code (`protocolError`): task-migrated for a member or a
 * generation that the group does not know any more, retriable for a coordinator that has moved.
 */
export class ClassicRequests implements MemberRequests {
  readonly #cluster: Cluster
  readonly #options: RequestingMember
  readonly #lane: Lane

  constructor(cluster: Cluster, options: RequestingMember, lane: Lane) {
    this.#cluster = cluster
    this.#options = options
    this.#lane = lane
  }

  /** The node id of the group's coordinator; looked up where it is not known. */
  coordinator(timeoutMs?: number): Promise<number> {
    return this.#cluster.coordinators.find('group', this.#options.groupId, timeoutMs)
  }

  /** It has moved, or does not answer: the next call looks it up. */
  forgetCoordinator(coordinator: number): void {
    this.#cluster.coordinators.forget('group', this.#options.groupId, coordinator)
  }

  /** Joins; a member without an id is given one first. `onMemberId` hears of it at once, so that no id is lost. */
  async join(
    coordinator: number,
    memberId: string,
    subscription: Uint8Array,
    reason: string,
    onMemberId: (memberId: string) => void,
  ): Promise<JoinGroupResponse> {
    const { groupId, instanceId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const body = {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      groupInstanceId: instanceId ?? null,
      protocolType,
      protocols: [{ name: protocolName, metadata: subscription }],
      reason,
    }
    const timeoutMs = rebalanceTimeoutMs + joinGraceMs
    let response = await this.#cluster.request(coordinator, joinGroupApi, body, this.#held(timeoutMs))
    if (response.errorCode === errorCodes.memberIdRequired) {
      onMemberId(response.memberId)
      const named = { ...body, memberId: response.memberId }
      response = await this.#cluster.request(coordinator, joinGroupApi, named, this.#held(timeoutMs))
    }
    this.#check(response.errorCode, 'join')
    onMemberId(response.memberId)
    return response
  }

  /**
   * Hands in the leader's assignments, nothing from others; resolves with the member's own. The answer waits for the
   * leader.
   */
  async sync(
    coordinator: number,
    member: MemberIdentity,
    assignments: SyncGroupRequest['assignments'],
  ): Promise<Uint8Array> {
    const { groupId, instanceId, rebalanceTimeoutMs } = this.#options
    const body = {
      groupId,
      generationId: member.generation,
      memberId: member.memberId,
      groupInstanceId: instanceId ?? null,
      protocolType,
      protocolName,
      assignments,
    }
    const timeoutMs = rebalanceTimeoutMs + joinGraceMs
    const response = await this.#cluster.request(coordinator, syncGroupApi, body, this.#held(timeoutMs))
    this.#check(response.errorCode, 'sync')
    return response.assignment
  }

  /** Rejects with REBALANCE_IN_PROGRESS where the member should join again. */
  async heartbeat(coordinator: number, member: MemberIdentity, timeoutMs: number): Promise<MemberIdentity> {
    const { groupId, instanceId } = this.#options
    const body = {
      groupId,
      generationId: member.generation,
      memberId: member.memberId,
      groupInstanceId: instanceId ?? null,
    }
    const response = await this.#cluster.request(coordinator, heartbeatApi, body, this.#sending(timeoutMs))
    this.#check(response.errorCode, 'heartbeat')
    return member
  }

  /** Leaves for good, also with an instance id. */
  async leave(coordinator: number, memberId: string, reason: string, timeoutMs: number): Promise<void> {
    const { groupId, instanceId } = this.#options
    const body = { groupId, members: [{ memberId, groupInstanceId: instanceId ?? null, reason }] }
    const response = await this.#cluster.request(coordinator, leaveGroupApi, body, {
      ...this.#sending(timeoutMs),
      lane: leavingLane,
    })
    this.#check(response.errorCode || (response.members[0]?.errorCode ?? 0), 'leave')
  }

  /** Options of a request whose answer waits for the other members. */
  #held(timeoutMs: number): RequestOptions {
    return { ...this.#sending(timeoutMs), heldMs: timeoutMs }
  }

  #sending(timeoutMs: number): RequestOptions {
    return { timeoutMs, lane: this.#lane, clientId: this.#options.clientId }
  }

  /** Throws the error of an answer's code. */
  #check(errorCode: number, what: string): void {
    if (errorCode === 0) return
    const { groupId, instanceId } = this.#options
    const member = instanceId === undefined ? '' : ` as instance ${instanceId}`
    // A group that was deleted does not know its members any more.
    const code = errorCode === errorCodes.groupIdNotFound ? errorCodes.unknownMemberId : errorCode
    throw protocolError(code, `${what} of group ${groupId}${member}`, { groupId })
  }
}
