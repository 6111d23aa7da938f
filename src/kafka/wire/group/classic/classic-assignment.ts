import type { Timer } from '../../../../core/clock.ts'
import { MillraceError } from '../../../../core/errors.ts'
import { sourcePartitions, sourceTopicNames, topologyHash } from '../../../group-topics.ts'
import type { Admin, GroupMemberOptions, RebalanceCause } from '../../../port.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { GroupEvents } from '../group-events.ts'
import { consumerProtocolVersion, decodeAssignment, subscriptionUserData } from './embedded-protocol.ts'
import { GroupLeader, type LeaderDecision } from './group-leader.ts'
import {
  decodeMemberAssignment,
  decodeMemberState,
  encodeMemberAssignment,
  encodeMemberState,
  type MemberAssignment,
} from './group-user-data.ts'
import { encodeConsumerProtocolAssignment } from '../../protocol/generated/consumer-protocol-assignment.ts'
import { encodeConsumerProtocolSubscription } from '../../protocol/generated/consumer-protocol-subscription.ts'
import type { JoinGroupResponse } from '../../protocol/generated/join-group.ts'
import type { SyncGroupRequest } from '../../protocol/generated/sync-group.ts'
import { Writer } from '../../protocol/writer.ts'

/** How often the leader looks for source topics that do not exist yet. */
const missingTopicsCheckMs = 1000

/**
 * The texts that members and leader pass to each other inside JoinGroup and SyncGroup: Kafka's embedded consumer
 * protocol (`ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`), with our own layout as its user data. One per
 * member, used by its join alone.
 */
export class ClassicAssignment {
  readonly #cluster: Cluster
  readonly #options: GroupMemberOptions
  readonly #leader: GroupLeader
  #asksForShutdown = false
  /** Of the last subscription. */
  #generation = -1

  constructor(cluster: Cluster, admin: Admin, options: GroupMemberOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#leader = new GroupLeader(cluster, admin, options)
  }

  /** Subscriptions ask for the end of all members from now on. */
  requestShutdown(): void {
    this.#asksForShutdown = true
  }

  /** The metadata of a join: the member's state for the leader, its topics for Kafka's tools. */
  subscription(held: GroupEvents, generation: number, cause: RebalanceCause | undefined): Uint8Array {
    this.#generation = generation
    const { processId, topology, taskLags, taskPositions, clientTags, applicationServer = '' } = this.#options
    const userData = encodeMemberState({
      processId,
      topologyHash: topologyHash(topology),
      generation,
      active: held.active,
      standby: held.standby,
      lags: taskLags(),
      applicationServer,
      positions: taskPositions(),
      tags: clientTags,
      asksForShutdown: this.#asksForShutdown,
      cause: cause ?? '',
    })
    const writer = new Writer()
    writer.int16(consumerProtocolVersion)
    encodeConsumerProtocolSubscription(writer, consumerProtocolVersion, {
      topics: sourceTopicNames(topology),
      userData,
      ownedPartitions: [],
      generationId: generation,
      rackId: null,
    })
    return writer.finish()
  }

  /** undefined for a member that does not lead. */
  async leaderDecision(joined: JoinGroupResponse): Promise<LeaderDecision | undefined> {
    if (joined.leader !== joined.memberId) {
      this.#leader.follow()
      return undefined
    }
    const states = new Map(
      joined.members.map((member) => [member.memberId, decodeMemberState(subscriptionUserData(member.metadata))]),
    )
    const instances = new Map(joined.members.map(({ memberId, groupInstanceId }) => [memberId, groupInstanceId]))
    const nameOf = (memberId: string) => instances.get(memberId) ?? memberId
    // The leader is not kept alive by the coordinator while the others wait for it.
    const decision = await this.#leader.decide(states, this.#options.sessionTimeoutMs / 2, nameOf)
    return joined.skipAssignment ? { ...decision, assignments: new Map() } : decision
  }

  /** The assignments of a sync; empty for a member that does not lead. */
  encode(decision: LeaderDecision | undefined): SyncGroupRequest['assignments'] {
    return [...(decision?.assignments ?? [])].map(([memberId, assignment]) => {
      const writer = new Writer()
      writer.int16(consumerProtocolVersion)
      const partitions = sourcePartitions(this.#options.topology, assignment.active)
      encodeConsumerProtocolAssignment(writer, consumerProtocolVersion, {
        assignedPartitions: [...partitions].map(([topic, numbers]) => ({ topic, partitions: numbers })),
        userData: encodeMemberAssignment(assignment),
      })
      return { memberId, assignment: writer.finish() }
    })
  }

  /**
   * Rejects what was decided for another topology, or for the stay before this one, with ASSIGNMENT_OUTDATED (retriable): a broker gives a static member
   * that comes back its old assignment without a rebalance. The join that follows reports another state, so the group
   * rebalances.
   */
  decode(bytes: Uint8Array): MemberAssignment {
    const assignment = decodeMemberAssignment(decodeAssignment(bytes).userData)
    if (assignment !== undefined) return this.#current(assignment)
    throw new MillraceError(
      'INCONSISTENT_GROUP_PROTOCOL',
      'fatal',
      `the leader of group ${this.#options.groupId} sent an assignment that this version of millrace cannot read: run one version in a group`,
    )
  }

  #current(assignment: MemberAssignment): MemberAssignment {
    const { topologyHash: decidedFor, errorCode } = assignment
    const { groupId, topology, instanceId } = this.#options
    const isOfLastStay = errorCode === 'GROUP_SHUTDOWN' && instanceId !== undefined && this.#generation < 0
    const isOfTopology = decidedFor === '' || decidedFor === topologyHash(topology)
    if (isOfTopology && !isOfLastStay) return assignment
    const what = `group ${groupId} answered with an assignment that is older than ${isOfLastStay ? 'the start' : 'the topology'} of this member`
    throw new MillraceError('ASSIGNMENT_OUTDATED', 'retriable', `${what}: the member joins again`)
  }

  /**
   * Calls back once, with the reason and the cause, when topics differ from what was decided upon, or when tasks may have
   * their state at their new members; returns how to end it.
   */
  watch(decision: LeaderDecision, onChange: (reason: string, cause: RebalanceCause) => void): () => void {
    const { clock } = this.#cluster.config
    let timer: Timer | undefined
    let probe: Timer | undefined
    const forget = this.#cluster.onMetadata(() => {
      if (this.#leader.topicsSeen() === decision.topicsSeen) return
      change('source topics changed', 'topics-changed')
    })
    const look = (): void => {
      this.#cluster.refreshSoon()
      timer = clock.setTimer(missingTopicsCheckMs, look)
    }
    if (decision.missingTopics.length > 0) timer = clock.setTimer(missingTopicsCheckMs, look)
    if (decision.hasWaitingTasks) {
      const { probingRebalanceIntervalMs } = this.#options
      const reason = 'tasks wait for their state elsewhere'
      probe = clock.setTimer(probingRebalanceIntervalMs, () => change(reason, 'probing'))
    }
    function end(): void {
      forget()
      timer?.cancel()
      probe?.cancel()
    }
    function change(reason: string, cause: RebalanceCause): void {
      end()
      onChange(reason, cause)
    }
    return end
  }
}
