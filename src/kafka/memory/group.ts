import type { Clock, Timer } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { AssignorMember, AssignorRules, AssignorSubtopology } from '../assignment/assignor-input.ts'
import {
  type ChangelogEnds,
  changelogPartitions,
  lagsOf,
  recordsOf,
  sumEnds,
  type TaskChangelogPartition,
} from '../assignment/changelog-ends.ts'
import { assignTasks, type TaskAssignment } from '../assignor.ts'
import {
  type GroupDescription,
  type GroupEvent,
  type GroupMemberDescription,
  type GroupMemberOptions,
  type GroupMetadata,
  type NewTopic,
  type OffsetAndMetadata,
  type Rebalance,
  type TaskId,
  type TopicPartition,
  taskIdText,
} from '../port.ts'
import { groupShutdown } from '../group-shutdown.ts'
import { GroupOffsets } from './group-offsets.ts'
import { resolveGroupTopics, sourcePartitions, topologyHash } from '../group-topics.ts'

/** A member as the coordinator knows it. */
export interface GroupSession {
  readonly memberId: string
  readonly options: GroupMemberOptions
  /** Why it joins. */
  readonly joining: Rebalance
  /** The generation that its commits carry; moves on once it has given back what this generation takes from it. */
  epoch: number
  /** Tasks it was given and has not given back, by task id text. */
  readonly active: Map<string, TaskId>
  readonly standby: Map<string, TaskId>
  /** Tells the member that there may be something to poll. */
  readonly onChange: () => void
  /** Tells the member that it is no longer in the group; a reason where it must not come back. */
  readonly onRemoved: (reason?: MillraceError) => void
  sessionTimer: Timer | undefined
  revocationTimer: Timer | undefined
}

/** The part of a cluster that a group needs. */
export interface GroupHost {
  readonly clock: Clock
  partitionCount(topic: string): number | undefined
  createTopic(topic: NewTopic): boolean
  /** The offsets of the first record and of the next one; both are 0 where there is no such partition. */
  ends(partition: TopicPartition): ChangelogEnds
}

const none = Object.freeze([])
const nothing: TaskAssignment = Object.freeze({ active: none, standby: none, warmup: none })

/** Coordinator of one group: members, generation, target assignment, committed offsets. */
export class MemoryGroup {
  readonly groupId: string
  readonly offsets = new GroupOffsets()
  readonly #host: GroupHost
  readonly #sessions = new Map<string, GroupSession>()
  #epoch = 0
  /** Of the present epoch. */
  #rebalance: Rebalance = { cause: 'unknown', detail: '' }
  #target: ReadonlyMap<string, TaskAssignment> = new Map()
  #subtopologies: readonly AssignorSubtopology[] = []
  #creatingTopics = false
  #probe: Timer | undefined

  constructor(host: GroupHost, groupId: string) {
    this.#host = host
    this.groupId = groupId
  }

  get memberCount(): number {
    return this.#sessions.size
  }

  describe(): GroupDescription {
    const settled = [...this.#sessions.values()].every((session) => session.epoch === this.#epoch)
    const state = this.memberCount === 0 ? 'Empty' : settled ? 'Stable' : 'Reconciling'
    return { groupId: this.groupId, state, members: [...this.#sessions.values()].map(describeMember) }
  }

  /** Throws where the member does not fit the group. A member with a known instance id takes over its tasks. */
  join(session: GroupSession): void {
    const [other] = this.#sessions.values()
    if (other !== undefined && !isSameTopology(other, session)) throw inconsistentTopology(this.groupId)
    const predecessor = this.#withInstanceId(session.options.instanceId)
    this.#sessions.set(session.memberId, session)
    this.heartbeat(session)
    if (predecessor === undefined) {
      this.#retarget(session.joining)
      return
    }
    this.#forget(predecessor)
    this.#target = new Map(this.#target).set(session.memberId, this.#targetOf(predecessor))
    predecessor.onRemoved(fencedInstance(session.options.instanceId ?? ''))
    this.#tellMembers()
  }

  #withInstanceId(instanceId: string | undefined): GroupSession | undefined {
    if (instanceId === undefined) return undefined
    return [...this.#sessions.values()].find((session) => session.options.instanceId === instanceId)
  }

  heartbeat(session: GroupSession): void {
    session.sessionTimer?.cancel()
    session.sessionTimer = this.#host.clock.setTimer(session.options.sessionTimeoutMs, () => this.remove(session))
    if (this.#hasCaughtUp(session)) this.#retarget({ cause: 'state-caught-up', detail: `on ${session.memberId}` })
  }

  /** Takes the member out: it left, was silent for too long, or held a task for too long. */
  remove(session: GroupSession): void {
    if (!this.#forget(session)) return
    session.onRemoved()
    this.#retarget({ cause: 'member-left', detail: session.memberId })
  }

  /** Takes out the member with this id, as after its session; one that is gone already is no error. */
  fence(memberId: string): void {
    const session = this.#sessions.get(memberId)
    if (session !== undefined) this.remove(session)
  }

  /** A member asks all of them to stop. */
  shutDown({ memberId }: GroupSession): void {
    const error = groupShutdown(this.groupId, `member ${memberId} asks for it`)
    for (const each of [...this.#sessions.values()]) {
      this.#forget(each)
      each.onRemoved(error)
    }
  }

  /** False if it was removed before. */
  #forget(session: GroupSession): boolean {
    session.sessionTimer?.cancel()
    session.revocationTimer?.cancel()
    return this.#sessions.delete(session.memberId)
  }

  /** A topic was made, grown or deleted, or a member knows more of them. */
  topicsChanged(): void {
    if (this.memberCount === 0 || this.#creatingTopics) return
    const before = JSON.stringify(this.#subtopologies)
    const after = JSON.stringify(this.#resolveSubtopologies())
    if (before !== after) this.#retarget({ cause: 'topics-changed', detail: '' })
  }

  /**
   * A new epoch with a new target. Nobody loses a task by it at once: members are asked to give back what is not theirs
   * any more.
   */
  #retarget(rebalance: Rebalance): void {
    this.#epoch++
    this.#rebalance = rebalance
    this.#subtopologies = this.#resolveSubtopologies()
    this.#assign()
    this.#tellMembers()
  }

  #assign(): void {
    const [first] = this.#sessions.values()
    this.#probe?.cancel()
    if (first === undefined) return
    const ends = this.#changelogEnds(first.options)
    const members = [...this.#sessions.values()].map((session) => this.#assignorMember(session, ends))
    const { byMember, waiting } = assignTasks(this.#subtopologies, members, this.#rules(first), recordsOf(ends))
    this.#target = byMember
    if (waiting.length === 0) return
    const probing: Rebalance = { cause: 'probing', detail: '' }
    this.#probe = this.#host.clock.setTimer(first.options.probingRebalanceIntervalMs, () => this.#retarget(probing))
  }

  #rules({ options }: GroupSession): AssignorRules {
    const standbyReplicas = Math.max(...[...this.#sessions.values()].map((session) => session.options.standbyReplicas))
    return { ...options, standbyReplicas }
  }

  #changelogEnds({ topology }: GroupMemberOptions): ReadonlyMap<string, ChangelogEnds> {
    const endsOf = ({ topic, partition, isInput }: TaskChangelogPartition) => {
      const ends = this.#host.ends({ topic, partition })
      if (!isInput) return ends
      return { ...ends, next: this.offsets.of([{ topic, partition }])[0]?.offset ?? 0 }
    }
    return sumEnds(changelogPartitions(topology, this.#subtopologies), endsOf)
  }

  #assignorMember(session: GroupSession, ends: ReadonlyMap<string, ChangelogEnds>): AssignorMember {
    const target = this.#targetOf(session)
    const { processId, taskLags, taskPositions, clientTags } = session.options
    const came = [...session.active.keys()]
    const place = (task: TaskId) => came.indexOf(taskIdText(task)) >>> 0
    return {
      memberId: session.memberId,
      processId,
      ownedActive: [...target.active].sort((left, right) => place(left) - place(right)),
      ownedStandby: target.standby,
      lags: lagsOf({ lags: taskLags(), positions: taskPositions() }, ends),
      tags: clientTags,
    }
  }

  /** The state of a task has caught up where the task belongs. */
  #hasCaughtUp({ memberId, options }: GroupSession): boolean {
    const warmup = this.#target.get(memberId)?.warmup ?? []
    if (warmup.length === 0) return false
    const [first] = this.#sessions.values()
    const lags = options.taskLags()
    const lagMax = first?.options.acceptableRecoveryLag ?? 0
    return warmup.some((task) => (lags.get(taskIdText(task)) ?? Number.POSITIVE_INFINITY) <= lagMax)
  }

  /** What the member should have in the end; what it has now is in its session. */
  #targetOf(session: GroupSession): TaskAssignment {
    return this.#target.get(session.memberId) ?? nothing
  }

  /**
   * Makes the internal topics that are missing. No tasks until every source topic exists. A topology that its topics do
   * not fit (co-partitions of different counts) removes all members with the error.
   */
  #resolveSubtopologies(): readonly AssignorSubtopology[] {
    const [session] = this.#sessions.values()
    if (session === undefined) return []
    const topics = resolveGroupTopics(session.options.topology, (topic) => this.#host.partitionCount(topic))
    if (topics.kind === 'missing') return []
    if (topics.kind === 'invalid') {
      for (const each of this.#sessions.values()) {
        this.#forget(each)
        each.onRemoved(topics.error)
      }
      return []
    }
    this.#creatingTopics = true
    for (const topic of topics.create) this.#host.createTopic(topic)
    this.#creatingTopics = false
    return topics.subtopologies
  }

  #tellMembers(): void {
    for (const session of this.#sessions.values()) session.onChange()
  }

  /** `nextEvent` would return one. */
  hasEvent(session: GroupSession): boolean {
    const { active, standby } = this.#free(session)
    return this.#revocations(session).length + active.length + standby.length > 0
  }

  /** The next event for the member; a revocation before anything else. */
  nextEvent(session: GroupSession): GroupEvent | undefined {
    const tasks = this.#revocations(session)
    if (tasks.length > 0) {
      const deadlineMs = session.options.rebalanceTimeoutMs
      session.revocationTimer = this.#host.clock.setTimer(deadlineMs, () => this.remove(session))
      return { kind: 'revoked', tasks, deadlineMs }
    }
    if (session.epoch !== this.#epoch)
      session.options.onRebalance(session.epoch === 0 ? session.joining : this.#rebalance)
    session.epoch = this.#epoch
    const { active, standby } = this.#free(session)
    if (active.length + standby.length === 0) return undefined
    for (const task of active) session.active.set(taskIdText(task), task)
    for (const task of standby) session.standby.set(taskIdText(task), task)
    return { kind: 'assigned', active, standby }
  }

  #revocations(session: GroupSession): readonly TaskId[] {
    const target = this.#targetOf(session)
    return [...without(session.active, target.active), ...without(session.standby, target.standby)]
  }

  /** Tasks meant for the member that it has not got and nobody else still has. */
  #free(session: GroupSession): TaskAssignment {
    const target = this.#targetOf(session)
    const free = (role: 'active' | 'standby'): TaskId[] =>
      target[role].filter((task) => !session[role].has(taskIdText(task)) && this.#isFree(session, task, role))
    return { active: free('active'), standby: free('standby'), warmup: target.warmup }
  }

  /** Other members still have tasks that the member is to have. */
  awaitsTasks(session: GroupSession): boolean {
    const { active, standby } = this.#targetOf(session)
    const isMissing = (held: ReadonlyMap<string, TaskId>) => (task: TaskId) => !held.has(taskIdText(task))
    return active.some(isMissing(session.active)) || standby.some(isMissing(session.standby))
  }

  /** An active task runs once in the group; in one process a task runs once in any role, for the sake of its directory. */
  #isFree(session: GroupSession, task: TaskId, role: 'active' | 'standby'): boolean {
    const text = taskIdText(task)
    for (const other of this.#sessions.values()) {
      if (other === session) continue
      if (role === 'active' && other.active.has(text)) return false
      const sameProcess = other.options.processId === session.options.processId
      if (sameProcess && (other.active.has(text) || other.standby.has(text))) return false
    }
    return true
  }

  /** The member has given the tasks back. */
  release(session: GroupSession, tasks: readonly TaskId[]): void {
    session.revocationTimer?.cancel()
    for (const task of tasks) {
      session.active.delete(taskIdText(task))
      session.standby.delete(taskIdText(task))
    }
    this.#tellMembers()
  }

  /** Throws GROUP_FENCED. */
  commit(offsets: readonly OffsetAndMetadata[], committer: GroupMetadata): void {
    this.checkCommitter(committer)
    this.offsets.commit(offsets)
  }

  /** Of the partitions that were ever committed only, as in the port. */
  committed(partitions: readonly TopicPartition[]): readonly OffsetAndMetadata[] {
    return this.offsets.of(partitions)
  }

  /** The last commit of each partition, in no order. */
  allCommitted(): readonly OffsetAndMetadata[] {
    return this.offsets.all()
  }

  /**
   * Throws GROUP_FENCED for whoever may not commit: a member that is not current, or no member while there are some. In
   * a transaction, Kafka takes offsets of whoever names no member at all.
   */
  checkCommitter({ memberId, generation }: GroupMetadata, { inTransaction } = { inTransaction: false }): void {
    const session = this.#sessions.get(memberId)
    const isNobody = memberId === '' && generation === -1 && (inTransaction || this.memberCount === 0)
    if (!isNobody && session?.epoch !== generation) throw fenced(this.groupId, memberId, generation)
  }
}

function without(held: ReadonlyMap<string, TaskId>, wanted: readonly TaskId[]): readonly TaskId[] {
  const kept = new Set(wanted.map(taskIdText))
  return [...held].filter(([text]) => !kept.has(text)).map(([, task]) => task)
}

function isSameTopology(left: GroupSession, right: GroupSession): boolean {
  return topologyHash(left.options.topology) === topologyHash(right.options.topology)
}

function inconsistentTopology(groupId: string): MillraceError {
  return new MillraceError(
    'INCONSISTENT_GROUP_PROTOCOL',
    'fatal',
    `group ${groupId} runs another topology: stop its members first, or use another application id`,
  )
}

function fencedInstance(instanceId: string): MillraceError {
  return new MillraceError(
    'FENCED_INSTANCE_ID',
    'fatal',
    `another process joined with instanceId ${instanceId}: give each process its own id`,
  )
}

function fenced(groupId: string, memberId: string, generation: number): MillraceError {
  return new MillraceError(
    'GROUP_FENCED',
    'task-migrated',
    `member ${memberId} of generation ${generation} is not current in group ${groupId}: it has to rejoin`,
  )
}

function describeMember({ memberId, options, active, standby }: GroupSession): GroupMemberDescription {
  const { clientId, instanceId, processId, applicationServer, topology } = options
  const tasks = { active: [...active.values()], standby: [...standby.values()] }
  const partitions = [...sourcePartitions(topology, tasks.active)].flatMap(([topic, numbers]) =>
    numbers.map((partition) => ({ topic, partition })),
  )
  return { memberId, clientId, host: 'memory', instanceId, processId, applicationServer, partitions, ...tasks }
}
