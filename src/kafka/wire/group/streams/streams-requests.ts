import { MillraceError } from '../../../../core/errors.ts'
import type { GroupMemberOptions } from '../../../port.ts'
import type { Cluster, Lane, RequestOptions } from '../../cluster/cluster.ts'
import { errorCodes, protocolError } from '../../connection/protocol-errors.ts'
import type { MemberIdentity, MemberRequests, RequestingMember } from '../member-requests.ts'
import {
  type StreamsGroupDescribeDescribedGroupResponse,
  streamsGroupDescribeApi,
} from '../../protocol/generated/streams-group-describe.ts'
import {
  type StreamsGroupHeartbeatRequest,
  type StreamsGroupHeartbeatResponse,
  streamsGroupHeartbeatApi,
} from '../../protocol/generated/streams-group-heartbeat.ts'
import { streamsTopology } from './streams-topology.ts'
import { type MemberTasks, taskLists } from './task-lists.ts'

const joinEpoch = 0
const leaveEpoch = -1
const noEndpointEpoch = -1

/** What changes from one heartbeat to the next. */
export interface Beat {
  /** undefined: as it was said last. */
  readonly owned: MemberTasks | undefined
  readonly endpoint: StreamsGroupHeartbeatRequest['userEndpoint']
  readonly endpointEpoch: number
  /** All members of the group are to stop. */
  readonly asksForShutdown: boolean
}

/**
 * The requests of a streams group (KIP-1071) to its coordinator: StreamsGroupHeartbeat, which joins and leaves as well,
 * and StreamsGroupDescribe. Each rejects with the error of the answer's code; UNKNOWN_MEMBER_ID (task-migrated) also
 * where the group is gone. All are answered at once, so one connection keeps them in order.
 */
export class StreamsRequests implements MemberRequests {
  readonly #cluster: Cluster
  readonly #member: RequestingMember
  readonly #owned: MemberTasks | undefined
  readonly #lane: Lane

  /** `owned` is what `heartbeat` says of it. */
  constructor(cluster: Cluster, member: RequestingMember, lane: Lane, owned?: MemberTasks) {
    this.#cluster = cluster
    this.#member = member
    this.#lane = lane
    this.#owned = owned
  }

  coordinator(timeoutMs?: number): Promise<number> {
    return this.#cluster.coordinators.find('group', this.#member.groupId, timeoutMs)
  }

  forgetCoordinator(coordinator: number): void {
    this.#cluster.coordinators.forget('group', this.#member.groupId, coordinator)
  }

  /** Joins, or joins again: the broker then takes the tasks of before for given up, and answers with all that it assigns. */
  join(
    coordinator: number,
    memberId: string,
    { topology, processId, clientTags }: Pick<GroupMemberOptions, 'topology' | 'processId' | 'clientTags'>,
    timeoutMs: number,
  ): Promise<StreamsGroupHeartbeatResponse> {
    const body = {
      ...this.#body({ memberId, generation: joinEpoch }),
      rebalanceTimeoutMs: this.#member.rebalanceTimeoutMs,
      topology: streamsTopology(topology),
      ...listed({ active: [], standby: [] }),
      processId,
      clientTags: Object.entries(clientTags).map(([key, value]) => ({ key, value })),
    }
    return this.#send(coordinator, body, 'join', timeoutMs)
  }

  beat(
    coordinator: number,
    member: MemberIdentity,
    { owned, endpoint, endpointEpoch, asksForShutdown }: Beat,
    timeoutMs: number,
  ): Promise<StreamsGroupHeartbeatResponse> {
    const lists = owned === undefined ? {} : listed(owned)
    const body = {
      ...this.#body(member),
      endpointInformationEpoch: endpointEpoch,
      ...lists,
      userEndpoint: endpoint,
      shutdownApplication: asksForShutdown,
    }
    return this.#send(coordinator, body, 'heartbeat', timeoutMs)
  }

  /**
   * With all tasks that the member has: so the group accepts it although an answer before it, with a new epoch, was not
   * read.
   */
  async heartbeat(coordinator: number, member: MemberIdentity, timeoutMs: number): Promise<MemberIdentity> {
    const body = { ...this.#body(member), ...(this.#owned === undefined ? {} : listed(this.#owned)) }
    const { memberEpoch } = await this.#send(coordinator, body, 'heartbeat', timeoutMs)
    return { ...member, generation: memberEpoch }
  }

  async leave(coordinator: number, memberId: string, _reason: string, timeoutMs: number): Promise<void> {
    await this.#send(coordinator, this.#body({ memberId, generation: leaveEpoch }), 'leave', timeoutMs)
  }

  /** The group as it is, with the tasks of its members. */
  async describe(coordinator: number, timeoutMs: number): Promise<StreamsGroupDescribeDescribedGroupResponse> {
    const { groupId } = this.#member
    const body = { groupIds: [groupId], includeAuthorizedOperations: false }
    const response = await this.#cluster.request(coordinator, streamsGroupDescribeApi, body, this.#options(timeoutMs))
    const [group] = response.groups
    if (group === undefined)
      throw new MillraceError('PROTOCOL_VIOLATION', 'retriable', `no answer about group ${groupId}`)
    this.#check(group, 'description')
    return group
  }

  #body({ memberId, generation }: MemberIdentity): StreamsGroupHeartbeatRequest {
    const { groupId } = this.#member
    return { groupId, memberId, memberEpoch: generation, endpointInformationEpoch: noEndpointEpoch }
  }

  async #send(
    coordinator: number,
    body: StreamsGroupHeartbeatRequest,
    what: string,
    timeoutMs: number,
  ): Promise<StreamsGroupHeartbeatResponse> {
    const response = await this.#cluster.request(coordinator, streamsGroupHeartbeatApi, body, this.#options(timeoutMs))
    this.#check(response, what)
    return response
  }

  #options(timeoutMs: number): RequestOptions {
    return { timeoutMs, lane: this.#lane, clientId: this.#member.clientId }
  }

  /** Throws the error of an answer's code, with the broker's own words. */
  #check(
    { errorCode, errorMessage }: Pick<StreamsGroupHeartbeatResponse, 'errorCode' | 'errorMessage'>,
    what: string,
  ): void {
    if (errorCode === 0) return
    const { groupId } = this.#member
    const isJoin = what === 'join'
    const code = errorCode === errorCodes.groupIdNotFound && !isJoin ? errorCodes.unknownMemberId : errorCode
    throw protocolError(code, `${what} of group ${groupId} (${errorMessage ?? 'no reason given'})`, { groupId })
  }
}

/** A broker wants all three lists or none. */
function listed({ active, standby }: MemberTasks) {
  return { activeTasks: taskLists(active), standbyTasks: taskLists(standby), warmupTasks: [] }
}
