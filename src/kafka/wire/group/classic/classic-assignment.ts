import type { Timer } from '../../../../core/clock.ts'
import { MillraceError } from '../../../../core/errors.ts'
import { sourcePartitions, sourceTopicNames, topologyHash } from '../../../group-topics.ts'
import type { Admin, GroupMemberOptions } from '../../../port.ts'
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

  constructor(cluster: Cluster, admin: Admin, options: GroupMemberOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#leader = new GroupLeader(cluster, admin, options)
  }

  /** The metadata of a join: the member's state for the leader, its topics for Kafka's tools. */
  subscription(held: GroupEvents, generation: number): Uint8Array {
    const { processId, topology, taskLags, applicationServer = '' } = this.#options
    const userData = encodeMemberState({
      processId,
      topologyHash: topologyHash(topology),
      generation,
      active: held.active,
      standby: held.standby,
      lags: taskLags(),
      applicationServer,
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
    if (joined.leader !== joined.memberId) return undefined
    const states = new Map(
      joined.members.map((member) => [member.memberId, decodeMemberState(subscriptionUserData(member.metadata))]),
    )
    // The leader is not kept alive by the coordinator while the others wait for it.
    const decision = await this.#leader.decide(states, this.#options.sessionTimeoutMs / 2)
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
   * Rejects what was decided for another topology with ASSIGNMENT_OUTDATED (retriable): a broker gives a static member
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
    const { topologyHash: decidedFor } = assignment
    if (decidedFor === '' || decidedFor === topologyHash(this.#options.topology)) return assignment
    const what = `group ${this.#options.groupId} answered with an assignment that is older than the topology of this member`
    throw new MillraceError('ASSIGNMENT_OUTDATED', 'retriable', `${what}: the member joins again`)
  }

  /** Calls back once when topics differ from what was decided upon; returns how to end it. */
  watch(decision: LeaderDecision, onChange: () => void): () => void {
    let timer: Timer | undefined
    const forget = this.#cluster.onMetadata(() => {
      if (this.#leader.topicsSeen() === decision.topicsSeen) return
      end()
      onChange()
    })
    const look = (): void => {
      this.#cluster.refreshSoon()
      timer = this.#cluster.config.clock.setTimer(missingTopicsCheckMs, look)
    }
    if (decision.missingTopics.length > 0) timer = this.#cluster.config.clock.setTimer(missingTopicsCheckMs, look)
    function end(): void {
      forget()
      timer?.cancel()
    }
    return end
  }
}
