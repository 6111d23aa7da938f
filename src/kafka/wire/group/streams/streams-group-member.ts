import { randomBytes } from 'node:crypto'
import { consequenceOf, errorCode, errorMessage } from '../../../../core/errors.ts'
import { StateMachine, type Transitions } from '../../../../core/state-machine.ts'
import { Backoff } from '../../../../core/backoff.ts'
import { type GroupEvent, type GroupMember, type GroupMemberOptions, taskIdText } from '../../../port.ts'
import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { Deadline } from '../../connection/retry-until.ts'
import { Wakeup } from '../../connection/wakeup.ts'
import type { StreamsGroupDescribeMemberResponse } from '../../protocol/generated/streams-group-describe.ts'
import type { StreamsGroupHeartbeatResponse } from '../../protocol/generated/streams-group-heartbeat.ts'
import { GroupEvents } from '../group-events.ts'
import { GroupLiveness } from '../group-liveness.ts'
import { Membership } from '../group-membership.ts'
import type { Keepalive } from '../keepalive.ts'
import type { KeptMember } from '../keepalive-messages.ts'
import type { LiveGroupMetadata } from '../offsets.ts'
import { applyGroupSettings } from './group-settings.ts'
import { GroupStatus } from './group-status.ts'
import { JoinRefusal } from './join-refusal.ts'
import { missingInStreams, streamsNotSupported } from './streams-limits.ts'
import { StreamsRequests } from './streams-requests.ts'
import { type MemberTasks, noTasks, tasksOf, tasksText } from './task-lists.ts'
import { userEndpoint, type UserEndpoint } from './user-endpoint.ts'

type State = 'new' | 'joining' | 'stable' | 'fenced' | 'failed' | 'left'

/**
 * - `new`: made, has not joined
 * - `joining`: a heartbeat of epoch 0 is sent, or is due after a backoff
 * - `stable`: a member; heartbeats bring its tasks and take what it says that it has
 * - `fenced`: the group has removed the member; it waits until the loss is acknowledged, then joins again
 * - `failed`: an error that no join repairs; only `leave` is left
 * - `left`: over, nothing is sent any more
 */
const transitions: Transitions<State> = {
  new: ['joining', 'left'],
  joining: ['stable', 'fenced', 'failed', 'left'],
  stable: ['fenced', 'failed', 'left'],
  fenced: ['joining', 'failed', 'left'],
  failed: ['left'],
  left: [],
}

/** Between two heartbeats while the group has something to say soon. Much less makes a broker believe that topics which it creates exist already. */
const quickBeatMs = 60

/**
 * Membership by Kafka's streams group protocol (KIP-1071): the broker creates internal topics and assigns tasks, and
 * tells both in answers to heartbeats. Tasks that do not move are not touched. A task that moves is revoked from its
 * holder, who says in the next heartbeat that it has it no more.
 *
 * An answer says a change of tasks once. Where one may be lost (a request failed, or the heartbeat thread has sent
 * heartbeats), the member looks at the description of the group, which says what it is assigned.
 *
 * A member that is not polled, or does not acknowledge, for `rebalanceTimeoutMs` leaves the group and has lost its
 * tasks; it joins again once it has acknowledged that. There are no static members: every member leaves at once.
 */
export class StreamsGroupMember implements GroupMember {
  /** Names of lanes differ within the process, as members of several applications may share a cluster. */
  static #lastLane = 0
  readonly #cluster: Cluster
  readonly #options: GroupMemberOptions
  readonly #lane: Lane = `streams-group-${++StreamsGroupMember.#lastLane}`
  readonly #requests: StreamsRequests
  readonly #refusal: JoinRefusal
  readonly #status: GroupStatus
  readonly #events = new GroupEvents()
  readonly #wakeup: Wakeup
  readonly #backoff: Backoff
  readonly #liveness: GroupLiveness
  readonly #keepalive: Pick<Keepalive, 'keep' | 'tell'>
  readonly #state: StateMachine<State>
  readonly #endpoint: UserEndpoint | undefined
  #membership: Membership
  #onEvent: () => void = () => {}
  #stopKeeping: () => void = () => {}
  /** What the group assigns, when it differs from what the events lead to. */
  #target: MemberTasks | undefined
  /** The tasks of the last heartbeat that said them and was answered. */
  #reported = ''
  /** An answer may have said something that nobody has read. */
  #mayHaveMissed = false
  /** The group assigns more tasks to this member than it could give it so far. */
  #awaitsTasks = false
  #hasSettings = false
  #isEndpointTold = false
  #endpointEpoch = -1
  #heartbeatIntervalMs: number
  /** The leave of a member that has failed. */
  #farewell: Promise<void> | undefined

  constructor(cluster: Cluster, keepalive: Pick<Keepalive, 'keep' | 'tell'>, options: GroupMemberOptions) {
    const missing = missingInStreams({
      hasInstanceId: options.instanceId !== undefined,
      hasPatterns: options.topology.subtopologies.some(({ patternTopics }) => patternTopics.length > 0),
    })
    if (missing !== undefined) throw streamsNotSupported(`which does not have ${missing}`)
    const { clock, logger, retryBackoff } = cluster.config
    this.#cluster = cluster
    this.#keepalive = keepalive
    this.#options = options
    this.#requests = new StreamsRequests(cluster, options, this.#lane)
    this.#refusal = new JoinRefusal(cluster, options, this.#lane, this.#requests)
    this.#status = new GroupStatus(clock, logger, options.groupId)
    this.#liveness = new GroupLiveness(clock, options.rebalanceTimeoutMs)
    this.#wakeup = new Wakeup(clock)
    this.#backoff = new Backoff(retryBackoff)
    this.#endpoint = userEndpoint(options.applicationServer)
    this.#heartbeatIntervalMs = options.heartbeatIntervalMs
    this.#membership = this.#newMembership(newMemberId())
    this.#state = new StateMachine<State>(`member of group ${options.groupId}`, 'new', transitions)
  }

  join(onEvent: () => void): void {
    this.#onEvent = onEvent
    this.#liveness.polled()
    this.#state.transition('joining')
    this.#stopKeeping = this.#keepalive.keep(
      () => this.#kept(),
      () => this.#lookSoon(),
    )
    void this.#run()
  }

  /** Also counts as a sign that the thread is alive. */
  poll(): GroupEvent | undefined {
    if (this.#state.is('left')) return undefined
    this.#liveness.polled()
    return this.#events.next()
  }

  acknowledge(): void {
    this.#events.acknowledge()
    this.#liveness.acknowledged()
    this.#follow()
    if (!this.#events.isSettled) this.#tell()
    this.#keepalive.tell()
    this.#wakeup.wake()
  }

  get isSettled(): boolean {
    return this.#membership.isAssigned && this.#events.isSettled && this.#target === undefined
  }

  /** Follows the epoch of the present membership; a fenced membership keeps its last one. */
  metadata(): LiveGroupMetadata {
    return this.#membership
  }

  async leave(timeoutMs: number): Promise<void> {
    if (this.#state.is('left')) return
    const mayBeMember = !this.#state.is('new', 'failed')
    this.#state.transition('left')
    this.#stopKeeping()
    this.#wakeup.wake()
    if (mayBeMember) await this.#sayGoodbye(this.#membership.memberId, timeoutMs)
    await this.#farewell
    this.#cluster.closeLane(this.#lane)
  }

  /** Joins, stays, joins again, until it has failed or left. Never rejects. */
  async #run(): Promise<void> {
    while (!this.#state.is('failed', 'left')) {
      try {
        if (this.#state.is('joining')) await this.#join()
        else await this.#stay()
      } catch (error) {
        if (!this.#isLeft) await this.#recover(error)
      }
    }
  }

  async #join(): Promise<void> {
    if (!this.#hasSettings) await applyGroupSettings(this.#cluster, this.#options, this.#requestTimeoutMs)
    this.#hasSettings = true
    const coordinator = await this.#requests.coordinator()
    const { memberId } = this.#membership
    if (this.#isLeft) return
    try {
      const answer = await this.#requests
        .join(coordinator, memberId, this.#options, this.#requestTimeoutMs)
        .catch((error: unknown) => this.#refusal.answer(error, coordinator, this.#requestTimeoutMs))
      if (this.#isLeft) return
      this.#refusal.joined()
      this.#backoff.reset()
      this.#state.transition('stable')
      this.#liveness.acknowledged()
      this.#reported = tasksText(noTasks)
      this.#isEndpointTold = false
      this.#mayHaveMissed = false
      this.#take(answer)
      await this.#lookForMore()
    } catch (error) {
      if (consequenceOf(error) === 'retriable') this.#requests.forgetCoordinator(coordinator)
      throw error
    }
  }

  /** Heartbeats until the member is fenced, which rejects, or has left. */
  async #stay(): Promise<void> {
    let beatAtMs = this.#nextBeatMs()
    while (this.#state.is('stable')) {
      if (!this.#isReportDue) await this.#wakeup.sleep(beatAtMs - this.#nowMs())
      if (!this.#state.is('stable')) return
      const lateMs = this.#nowMs() - beatAtMs
      if (lateMs < 0 && !this.#isReportDue) continue
      // The heartbeat thread may have been faster.
      if (lateMs > this.#heartbeatIntervalMs / 4) this.#mayHaveMissed = true
      this.#liveness.check(!this.#events.isSettled)
      await this.#beat()
      beatAtMs = this.#nextBeatMs()
    }
  }

  /** A coordinator that cannot be reached is looked up again; only what the group says about the member rejects. */
  async #beat(): Promise<void> {
    const held = { active: this.#events.active, standby: this.#events.standby }
    const text = tasksText(held)
    let coordinator: number | undefined
    try {
      coordinator = await this.#requests.coordinator()
      if (this.#mayHaveMissed) await this.#look(coordinator)
      const endpoint = this.#isEndpointTold || held.active.length === 0 ? undefined : this.#endpoint
      const owned = text === this.#reported && !this.#mayHaveMissed ? undefined : held
      const beat = { owned, endpoint, endpointEpoch: this.#endpointEpoch }
      const answer = await this.#requests.beat(coordinator, this.#membership, beat, this.#requestTimeoutMs)
      if (!this.#state.is('stable')) return
      this.#backoff.reset()
      this.#reported = text
      if (endpoint !== undefined) this.#isEndpointTold = true
      this.#mayHaveMissed = false
      const epochBefore = this.#membership.generation
      this.#take(answer)
      const isNews = answer.activeTasks !== null || answer.memberEpoch !== epochBefore
      if (isNews) await this.#lookForMore()
    } catch (error) {
      if (!passes(error)) throw error
      this.#mayHaveMissed = true
      this.#reported = ''
      if (coordinator !== undefined) this.#requests.forgetCoordinator(coordinator)
      this.#logFailure('heartbeat failed', error)
      await this.#wakeup.sleep(Math.min(this.#backoff.nextMs(), this.#heartbeatIntervalMs))
    }
  }

  /** An answer without an error: the epoch, and the tasks where they have changed. */
  #take(answer: StreamsGroupHeartbeatResponse): void {
    this.#membership.generation = answer.memberEpoch
    if (answer.heartbeatIntervalMs > 0) this.#heartbeatIntervalMs = answer.heartbeatIntervalMs
    this.#endpointEpoch = answer.endpointInformationEpoch
    const end = this.#status.hear(answer.status ?? [])
    const { activeTasks, standbyTasks } = answer
    if (activeTasks !== null) this.#assign({ active: tasksOf(activeTasks), standby: tasksOf(standbyTasks ?? []) })
    if (!this.#status.isWaiting) this.#membership.isAssigned = true
    if (end !== undefined) throw end
    this.#keepalive.tell()
  }

  #assign(target: MemberTasks): void {
    const { groupId } = this.#options
    this.#cluster.config.logger.debug({ groupId, epoch: this.#membership.generation, ...target }, 'group assignment')
    this.#target = target
    this.#follow()
    if (!this.#events.isSettled) this.#tell()
  }

  /** The next events, once those before are acknowledged. */
  #follow(): void {
    if (this.#target === undefined || !this.#events.isSettled || !this.#state.is('stable')) return
    const { active, standby } = this.#target
    this.#target = undefined
    this.#liveness.acknowledged()
    this.#events.moveTo(active, standby, this.#options.rebalanceTimeoutMs)
  }

  /**
   * Sees in the description of the group what answers may have said that nobody has read. A member that is not in it
   * learns so from its next heartbeat.
   */
  async #look(coordinator: number): Promise<void> {
    const member = await this.#described(coordinator)
    if (member === undefined || !this.#state.is('stable')) return
    this.#membership.generation = Math.max(this.#membership.generation, member.memberEpoch)
    const { activeTasks, standbyTasks } = member.assignment
    const assigned = { active: tasksOf(activeTasks), standby: tasksOf(standbyTasks) }
    if (tasksText(assigned) !== tasksText(this.#heading)) this.#assign(assigned)
  }

  /** Where the tasks are that are still to come: with other members, or with nobody. */
  async #lookForMore(): Promise<void> {
    this.#awaitsTasks = false
    if (this.#status.isWaiting || !this.#state.is('stable')) return
    try {
      const member = await this.#described(await this.#requests.coordinator())
      if (member === undefined) return
      const { activeTasks, standbyTasks } = member.targetAssignment
      const target = { active: tasksOf(activeTasks), standby: tasksOf(standbyTasks) }
      this.#awaitsTasks = !isWithin(target, this.#heading)
    } catch (error) {
      this.#logFailure('the description of the group failed', error)
    }
  }

  /** undefined where the group does not show it; rejects with what a retry may mend. */
  async #described(coordinator: number): Promise<StreamsGroupDescribeMemberResponse | undefined> {
    try {
      const { members } = await this.#requests.describe(coordinator, this.#requestTimeoutMs)
      return members.find(({ memberId }) => memberId === this.#membership.memberId)
    } catch (error) {
      if (consequenceOf(error) === 'retriable') throw error
      this.#logFailure('the group is not described', error)
      return undefined
    }
  }

  /** The tasks that the member has when all events are acknowledged. */
  get #heading(): MemberTasks {
    return this.#target ?? this.#events.heading
  }

  /**
   * Retriable: after a backoff. Fenced: the tasks are lost, join again. Anything else: the member has failed.
   */
  async #recover(error: unknown): Promise<void> {
    const { logger } = this.#cluster.config
    const { groupId } = this.#options
    if (consequenceOf(error) === 'retriable') {
      this.#logFailure('group join failed, retrying', error)
      await this.#wakeup.sleep(this.#backoff.nextMs())
      return
    }
    const isFenced = consequenceOf(error) === 'task-migrated'
    const what = isFenced ? 'fenced by the group' : 'cannot stay in the group'
    logger.warn({ groupId, reason: errorMessage(error) }, what)
    if (isFenced) await this.#loseAndRejoin(errorCode(error))
    else this.#fail(error)
  }

  /** Joins again once the loss is acknowledged. */
  async #loseAndRejoin(code: string | undefined): Promise<void> {
    this.#state.transition('fenced')
    const { memberId } = this.#membership
    if (code === 'POLL_TIMEOUT') void this.#sayGoodbye(memberId, this.#options.sessionTimeoutMs)
    // A new object: the holder of the old one must still be refused. A group that knows the id gives its tasks back.
    this.#membership.owns = () => false
    this.#membership = this.#newMembership(code === 'FENCED_MEMBER_EPOCH' ? memberId : newMemberId())
    this.#target = undefined
    this.#awaitsTasks = false
    this.#keepalive.tell()
    if (this.#events.loseAll()) this.#tell()
    while (this.#state.is('fenced') && !this.#events.isSettled) await this.#wakeup.sleep(this.#options.sessionTimeoutMs)
    await this.#wakeup.sleep(this.#backoff.nextMs())
    if (this.#state.is('fenced')) this.#state.transition('joining')
  }

  /** Tasks that are being revoked still are, the others are reported as lost; then the error. No call brings it back. */
  #fail(error: unknown): void {
    this.#state.transition('failed')
    this.#stopKeeping()
    if (!this.#events.isRevoking) this.#events.loseAll()
    this.#events.fail(error)
    this.#tell()
    this.#farewell = this.#leaveWhenRevoked()
  }

  /** The commit of a revocation needs the membership. */
  async #leaveWhenRevoked(): Promise<void> {
    const { memberId, generation } = this.#membership
    if (generation < 0) return
    const deadline = new Deadline(this.#cluster.config.clock, this.#options.rebalanceTimeoutMs)
    while (!this.#isLeft && this.#events.isRevoking && !deadline.isOver)
      await this.#wakeup.sleep(deadline.remainingMs())
    await this.#sayGoodbye(memberId, this.#options.sessionTimeoutMs)
  }

  /** The session timeout does it as well, only later; so a failure is not an error. */
  async #sayGoodbye(memberId: string, timeoutMs: number): Promise<void> {
    try {
      const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
      const coordinator = await this.#requests.coordinator(timeoutMs)
      await this.#requests.leave(coordinator, memberId, '', deadline.remainingMs())
    } catch (error) {
      this.#logFailure('leaving failed', error)
    }
  }

  #newMembership(memberId: string): Membership {
    const membership = new Membership(this.#options.groupId, undefined)
    membership.memberId = memberId
    membership.owns = ({ topic, partition }) =>
      this.#events.active.some((task) => task.partition === partition && this.#reads(task.subtopology, topic))
    return membership
  }

  #reads(subtopology: number, topic: string): boolean {
    return this.#options.topology.subtopologies.some(
      ({ id, sourceTopics }) => id === subtopology && sourceTopics.includes(topic),
    )
  }

  #tell(): void {
    queueMicrotask(() => {
      if (!this.#state.is('left') && !this.#events.isSettled) this.#onEvent()
    })
  }

  #lookSoon(): void {
    this.#mayHaveMissed = true
    this.#wakeup.wake()
  }

  #logFailure(what: string, error: unknown): void {
    this.#cluster.config.logger.debug({ groupId: this.#options.groupId, reason: errorMessage(error) }, what)
  }

  /** For the keepalive thread: what a heartbeat of this member has to say; undefined before it has joined. */
  #kept(): KeptMember | undefined {
    const { memberId, generation } = this.#membership
    if (generation < 0) return undefined
    const { clientId, groupId, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const times = { sessionTimeoutMs, heartbeatIntervalMs: this.#heartbeatIntervalMs, rebalanceTimeoutMs }
    const tasks = { active: this.#events.active, standby: this.#events.standby }
    return { memberId, generation, clientId, groupId, instanceId: undefined, tasks, ...times }
  }

  /** The group waits to hear that something was given back, or somebody wants to know what it has said. */
  get #isReportDue(): boolean {
    if (this.#mayHaveMissed) return true
    return tasksText({ active: this.#events.active, standby: this.#events.standby }) !== this.#reported
  }

  #nextBeatMs(): number {
    const isQuick = this.#status.isWaiting || this.#awaitsTasks
    return this.#nowMs() + (isQuick ? Math.min(quickBeatMs, this.#heartbeatIntervalMs) : this.#heartbeatIntervalMs)
  }

  get #requestTimeoutMs(): number {
    return Math.max(this.#heartbeatIntervalMs, this.#options.sessionTimeoutMs / 3)
  }

  /** As a getter, because the state changes while a method waits. */
  get #isLeft(): boolean {
    return this.#state.is('left')
  }

  #nowMs(): number {
    return this.#cluster.config.clock.monotonicMs()
  }
}

/** A broker whose own code failed may have better luck with the next heartbeat; the session timeout bounds it. */
function passes(error: unknown): boolean {
  return consequenceOf(error) === 'retriable' || errorCode(error) === 'UNKNOWN_SERVER_ERROR'
}

function isWithin(tasks: MemberTasks, all: MemberTasks): boolean {
  const active = new Set(all.active.map(taskIdText))
  const standby = new Set(all.standby.map(taskIdText))
  return (
    tasks.active.every((task) => active.has(taskIdText(task))) &&
    tasks.standby.every((task) => standby.has(taskIdText(task)))
  )
}

/** As Java's: 16 random bytes in 22 characters. */
function newMemberId(): string {
  return randomBytes(16).toString('base64url')
}
