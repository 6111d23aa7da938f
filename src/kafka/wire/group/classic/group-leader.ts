import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../../../core/errors.ts'
import { groupShutdown } from '../../../group-shutdown.ts'
import { externalSources, type GroupTopics, resolveGroupTopics, topologyHash } from '../../../group-topics.ts'
import type { Admin, GroupMemberOptions, GroupTopology, TopicPartition } from '../../../port.ts'
import { Deadline, late } from '../../connection/retry-until.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { within } from '../../../../core/within.ts'
import { type ChangelogEnds, changelogPartitions, sumEnds } from '../../../assignment/changelog-ends.ts'
import type { AssignorSubtopology } from '../../../assignment/assignor-input.ts'
import { partitionKey } from '../../../port.ts'
import { asksForFollowUp, assignCooperatively } from './group-cooperation.ts'
import { causeOf } from './group-cause.ts'
import type { MemberAssignment, MemberState } from './group-user-data.ts'

/** A decision of the leader, and the topics that it was made from. */
export interface LeaderDecision {
  readonly assignments: ReadonlyMap<string, MemberAssignment>
  /** Partition counts it saw, as text; another text later means that the tasks must be assigned again. */
  readonly topicsSeen: string
  /** Source topics that do not exist (yet); the group has no tasks until they do. */
  readonly missingTopics: readonly string[]
  /** Some tasks wait until their new members have their state: they are assigned again after a while. */
  readonly hasWaitingTasks: boolean
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
  /** Of the generation before, where this member led it. */
  #members: ReadonlySet<string> | undefined

  constructor(cluster: Cluster, admin: Admin, options: GroupMemberOptions) {
    this.#cluster = cluster
    this.#admin = admin
    this.#options = options
  }

  /** Members whose state is undefined did not speak our layout. `nameOf` is for people. Rejects with a retriable error only. */
  async decide(
    states: ReadonlyMap<string, MemberState | undefined>,
    timeoutMs: number,
    nameOf: (memberId: string) => string,
  ): Promise<LeaderDecision> {
    const asking = [...states].find(([, state]) => state?.asksForShutdown)
    if (asking !== undefined) {
      return this.#refuseAll(states, groupShutdown(this.#options.groupId, `member ${asking[0]} asks for it`))
    }
    try {
      const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
      const topics = await this.#topics(deadline)
      const subtopologies = topics.kind === 'ready' ? topics.subtopologies : []
      const ends = await this.#changelogEnds(states, subtopologies, deadline)
      return this.#assign(states, topics, ends, nameOf)
    } catch (error) {
      if (consequenceOf(error) === 'retriable') throw error
      return this.#refuseAll(states, error)
    }
  }

  /** Another member leads: who is in the group now is not known. */
  follow(): void {
    this.#members = undefined
  }

  /** The partition counts as known now, in the form of `topicsSeen`. */
  topicsSeen(): string {
    return JSON.stringify(topicNames(this.#options.topology).map((name) => [name, this.#count(name)]))
  }

  #count = (name: string): number | undefined => this.#cluster.topicMetadata(name)?.partitions.length

  /** Fresh partition counts; creates internal topics and waits until they are known. */
  async #topics(deadline: Deadline): Promise<GroupTopics> {
    const names = topicNames(this.#options.topology)
    await this.#cluster.refresh(names, deadline.remainingMs())
    const topics = resolveGroupTopics(this.#options.topology, this.#count)
    if (topics.kind !== 'ready' || topics.create.length === 0) return topics
    await this.#admin.createTopics(topics.create, deadline.remainingMs())
    await this.#cluster.refresh(names, deadline.remainingMs())
    return topics
  }

  /**
   * Where the changelogs of the tasks begin and end now. Nothing where state decides nothing, because there is one
   * process, and where Kafka does not answer: tasks then stay where they are.
   */
  async #changelogEnds(
    states: ReadonlyMap<string, MemberState | undefined>,
    subtopologies: readonly AssignorSubtopology[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, ChangelogEnds>> {
    const changelogs = changelogPartitions(this.#options.topology, subtopologies)
    const processes = new Set([...states.values()].map((state) => state?.processId))
    if (changelogs.length === 0 || processes.size < 2) return new Map()
    const { clock, logger } = this.#cluster.config
    const { groupId } = this.#options
    const partitions = changelogs.map(({ topic, partition }) => ({ topic, partition }))
    const offsetsAt = (at: 'earliest' | 'latest') =>
      this.#admin.listOffsets(
        partitions.map((each) => ({ ...each, at })),
        'read_uncommitted',
      )
    const committed = changelogs.some(({ isInput }) => isInput) ? this.#admin.groupOffsets(groupId) : []
    const asked = Promise.all([offsetsAt('earliest'), offsetsAt('latest'), committed])
    const tooLate = late('REQUEST_TIMED_OUT', `ends of the changelogs of group ${groupId}`, deadline.remainingMs())
    try {
      const [first, next, inputs] = (await within(clock, asked, deadline.remainingMs(), tooLate)).map(
        offsetsByPartition,
      )
      return sumEnds(changelogs, ({ topic, partition, isInput }) => {
        const key = partitionKey(topic, partition)
        const ends = { first: first?.get(key), next: isInput ? (inputs?.get(key) ?? 0) : next?.get(key) }
        return ends.first === undefined || ends.next === undefined ? undefined : { first: ends.first, next: ends.next }
      })
    } catch (error) {
      logger.warn({ groupId, reason: errorMessage(error) }, 'how far state is cannot be found out: tasks do not move')
      return new Map()
    }
  }

  /** Members with another topology are refused, the others share all tasks. */
  #assign(
    states: ReadonlyMap<string, MemberState | undefined>,
    topics: GroupTopics,
    ends: ReadonlyMap<string, ChangelogEnds>,
    nameOf: (memberId: string) => string,
  ): LeaderDecision {
    if (topics.kind === 'invalid') return this.#refuseAll(states, topics.error)
    const subtopologies = topics.kind === 'ready' ? topics.subtopologies : []
    const hash = topologyHash(this.#options.topology)
    const able = new Map([...states].filter((entry): entry is [string, MemberState] => entry[1]?.topologyHash === hash))
    const begun = assignCooperatively({ subtopologies, ends, rules: this.#options }, able, this.#followUps)
    this.#followUps = asksForFollowUp(begun) ? this.#followUps + 1 : 0
    const rebalance = causeOf(states, this.#members, nameOf)
    this.#members = new Set([...states.keys()].map(nameOf))
    const assignments = new Map(
      [...states].map(([memberId, state]) => {
        const assignment = begun.byMember.get(memberId)
        return [
          memberId,
          assignment === undefined
            ? refused(otherTopology(this.#options.groupId), state)
            : { ...assignment, ...noError, topologyHash: hash, rebalance },
        ]
      }),
    )
    const missingTopics = topics.kind === 'missing' ? topics.topics : []
    const hasWaitingTasks = begun.waiting.length > 0
    return { assignments, topicsSeen: this.topicsSeen(), missingTopics, hasWaitingTasks }
  }

  /** An assignment without tasks and with the error, for every member. */
  #refuseAll(states: ReadonlyMap<string, MemberState | undefined>, error: unknown): LeaderDecision {
    const assignments = new Map([...states].map(([memberId, state]) => [memberId, refused(error, state)]))
    return { assignments, topicsSeen: this.topicsSeen(), missingTopics: [], hasWaitingTasks: false }
  }
}

function offsetsByPartition(
  offsets: readonly (TopicPartition & { readonly offset: number })[],
): ReadonlyMap<string, number> {
  return new Map(offsets.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
}

const noError = { errorCode: '', errorMessage: '' }

/** An assignment that makes its member fail. */
function refused(error: unknown, state: MemberState | undefined): MemberAssignment {
  return {
    active: [],
    standby: [],
    warmup: [],
    rejoinAfterRevocation: false,
    errorCode: errorCode(error) ?? 'UNKNOWN',
    errorMessage: errorMessage(error),
    topologyHash: state?.topologyHash ?? '',
    rebalance: undefined,
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
