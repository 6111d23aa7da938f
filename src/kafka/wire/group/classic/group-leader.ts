import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../../../core/errors.ts'
import { externalSources, type GroupTopics, resolveGroupTopics, topologyHash } from '../../../group-topics.ts'
import type { Admin, GroupMemberOptions, GroupTopology } from '../../../port.ts'
import { Deadline } from '../../connection/retry-until.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { asksForFollowUp, assignCooperatively } from './group-cooperation.ts'
import type { MemberAssignment, MemberState } from './group-user-data.ts'

/** A decision of the leader, and the topics that it was made from. */
export interface LeaderDecision {
  readonly assignments: ReadonlyMap<string, MemberAssignment>
  /** Partition counts it saw, as text; another text later means that the tasks must be assigned again. */
  readonly topicsSeen: string
  /** Source topics that do not exist (yet); the group has no tasks until they do. */
  readonly missingTopics: readonly string[]
}

/**
 * The leader's part of a rebalance: makes missing internal topics and hands out the tasks. Every member has one; it is
 * asked only when the coordinator made the member the leader. An error that no retry mends is handed out as the
 * assignment of every member, so that all of them fail with the same sentence, not only the leader.
 */
export class GroupLeader {
  readonly #cluster: Cluster
  readonly #admin: Admin
  readonly #options: GroupMemberOptions
  /** Rebalances in a row that asked for another one. */
  #followUps = 0

  constructor(cluster: Cluster, admin: Admin, options: GroupMemberOptions) {
    this.#cluster = cluster
    this.#admin = admin
    this.#options = options
  }

  /** Members whose state is undefined did not speak our layout. Rejects with a retriable error only. */
  async decide(states: ReadonlyMap<string, MemberState | undefined>, timeoutMs: number): Promise<LeaderDecision> {
    try {
      const topics = await this.#topics(timeoutMs)
      return this.#assign(states, topics)
    } catch (error) {
      if (consequenceOf(error) === 'retriable') throw error
      return this.#refuseAll(states, error)
    }
  }

  /** The partition counts as known now, in the form of `topicsSeen`. */
  topicsSeen(): string {
    return JSON.stringify(topicNames(this.#options.topology).map((name) => [name, this.#count(name)]))
  }

  #count = (name: string): number | undefined => this.#cluster.topicMetadata(name)?.partitions.length

  /** Fresh partition counts; creates internal topics and waits until they are known. */
  async #topics(timeoutMs: number): Promise<GroupTopics> {
    const names = topicNames(this.#options.topology)
    const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
    await this.#cluster.refresh(names, deadline.remainingMs())
    const topics = resolveGroupTopics(this.#options.topology, this.#count)
    if (topics.kind !== 'ready' || topics.create.length === 0) return topics
    await this.#admin.createTopics(topics.create, deadline.remainingMs())
    await this.#cluster.refresh(names, deadline.remainingMs())
    return topics
  }

  /** Members with another topology are refused, the others share all tasks. */
  #assign(states: ReadonlyMap<string, MemberState | undefined>, topics: GroupTopics): LeaderDecision {
    if (topics.kind === 'invalid') return this.#refuseAll(states, topics.error)
    const subtopologies = topics.kind === 'ready' ? topics.subtopologies : []
    const hash = topologyHash(this.#options.topology)
    const able = new Map([...states].filter((entry): entry is [string, MemberState] => entry[1]?.topologyHash === hash))
    const begun = assignCooperatively(subtopologies, able, this.#options.standbyReplicas, this.#followUps)
    this.#followUps = asksForFollowUp(begun) ? this.#followUps + 1 : 0
    const assignments = new Map(
      [...states].map(([memberId, state]) => {
        const assignment = begun.get(memberId)
        return [
          memberId,
          assignment === undefined
            ? refused(otherTopology(this.#options.groupId), state)
            : { ...assignment, ...noError, topologyHash: hash },
        ]
      }),
    )
    const missingTopics = topics.kind === 'missing' ? topics.topics : []
    return { assignments, topicsSeen: this.topicsSeen(), missingTopics }
  }

  /** An assignment without tasks and with the error, for every member. */
  #refuseAll(states: ReadonlyMap<string, MemberState | undefined>, error: unknown): LeaderDecision {
    const assignments = new Map([...states].map(([memberId, state]) => [memberId, refused(error, state)]))
    return { assignments, topicsSeen: this.topicsSeen(), missingTopics: [] }
  }
}

const noError = { errorCode: '', errorMessage: '' }

/** An assignment that makes its member fail. */
function refused(error: unknown, state: MemberState | undefined): MemberAssignment {
  return {
    active: [],
    standby: [],
    rejoinAfterRevocation: false,
    errorCode: errorCode(error) ?? 'UNKNOWN',
    errorMessage: errorMessage(error),
    topologyHash: state?.topologyHash ?? '',
  }
}

function otherTopology(groupId: string): MillraceError {
  return new MillraceError(
    'INCONSISTENT_GROUP_PROTOCOL',
    'fatal',
    `group ${groupId} runs another topology: stop its members first, or use another application id`,
  )
}

/** Source and internal topics, each once, in a fixed order. */
export function topicNames({ subtopologies }: GroupTopology): readonly string[] {
  const internal = (each: GroupTopology['subtopologies'][number]) => [
    ...each.repartitionSourceTopics,
    ...each.changelogTopics,
  ]
  const names = subtopologies.flatMap((each) => [
    ...externalSources(each),
    ...internal(each).map((topic) => topic.name),
  ])
  return [...new Set(names)].sort()
}
