import { randomBytes } from 'node:crypto'
import { consequenceOf, errorCode, errorMessage } from '../../../../core/errors.ts'
import { within } from '../../../../core/within.ts'
import { StateMachine, type Transitions } from '../../../../core/state-machine.ts'
import { Backoff } from '../../../../core/backoff.ts'
import type { GroupEvent, GroupMember, GroupMemberOptions } from '../../../port.ts'
import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { Deadline, late } from '../../connection/retry-until.ts'
import { Wakeup } from '../../connection/wakeup.ts'
import type { StreamsGroupHeartbeatResponse } from '../../protocol/generated/streams-group-heartbeat.ts'
import { GroupPace } from '../group-pace.ts'
import { GroupLiveness } from '../group-liveness.ts'
import { Membership } from '../group-membership.ts'
import type { Keepalive } from '../keepalive.ts'
import type { KeptMember } from '../keepalive-messages.ts'
import type { LiveGroupMetadata } from '../offsets.ts'
import { AssignedTasks } from './assigned-tasks.ts'
import { EpochCauses, type GroupShape } from './epoch-causes.ts'
import { applyGroupSettings } from './group-settings.ts'
import { GroupStatus } from './group-status.ts'
import { GroupView, type MemberView } from './group-view.ts'
import { HeartbeatReport } from './heartbeat-report.ts'
import { JoinRefusal } from './join-refusal.ts'
import { missingInStreams } from '../../../group-protocol.ts'
import { sourceTopicNames } from '../../../group-topics.ts'
import { streamsNotSupported } from './streams-limits.ts'
import { StreamsRequests } from './streams-requests.ts'
import { areWithin, type MemberTasks, tasksOf, tasksText } from './task-lists.ts'
import { userEndpoint } from './user-endpoint.ts'

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
const quickBeatMs = 50

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
  readonly #tasks: AssignedTasks
  readonly #report: HeartbeatReport
  readonly #view: GroupView
  readonly #causes: EpochCauses
  readonly #wakeup: Wakeup
  readonly #backoff: Backoff
  readonly #liveness: GroupLiveness
  readonly #pace: GroupPace
  readonly #keepalive: Pick<Keepalive, 'keep' | 'tell'>
  readonly #state: StateMachine<State>
  #membership: Membership
  /** The one before, while its tasks are not given up yet. */
  #fenced: Membership | undefined
  #onEvent: () => void = () => {}
  #stopKeeping: () => void = () => {}
  /** The group assigns more tasks to this member than it could give it so far. */
  #awaitsTasks = false
  #hasSettings = false
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
    this.#tasks = new AssignedTasks(options.rebalanceTimeoutMs)
    this.#report = new HeartbeatReport(userEndpoint(options.applicationServer))
    this.#view = new GroupView(this.#requests, logger)
    this.#causes = new EpochCauses(() => this.#topicsSeen())
    this.#pace = new GroupPace(clock)
    this.#membership = this.#newMembership(newMemberId())
    this.#state = new StateMachine<State>(`member of group ${options.groupId}`, 'new', transitions)
  }

  join(onEvent: () => void): void {
    this.#onEvent = onEvent
    this.#liveness.polled()
    this.#state.transition('joining')
    this.#causes.join({ cause: 'member-joined', detail: this.#membership.memberId })
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
    return this.#tasks.next()
  }

  acknowledge(): void {
    this.#tasks.acknowledge()
    this.#liveness.acknowledged()
    this.#tell()
    this.#keepalive.tell()
    this.#wakeup.wake()
  }

  get isSettled(): boolean {
    return this.#membership.isAssigned && this.#tasks.isReached
  }

  get failure(): unknown {
    return this.#tasks.failure
  }

  get waitsFor(): string | undefined {
    if (this.#state.is('joining')) return 'the coordinator of the group'
    if (this.#state.is('fenced')) return 'the group to take it in again'
    return this.#status.waitsFor ?? (this.#awaitsTasks ? 'tasks that other members give back' : undefined)
  }

  /** Follows the epoch of the present membership; a fenced membership keeps its last one. */
  metadata(): LiveGroupMetadata {
    return this.#fenced ?? this.#membership
  }

  requestShutdown(): void {
    this.#report.requestShutdown()
    this.#wakeup.wake()
  }

  async leave(timeoutMs: number): Promise<void> {
    if (this.#state.is('left')) return
    const mayBeMember = !this.#state.is('new', 'failed')
    this.#state.transition('left')
    this.#stopKeeping()
    this.#wakeup.wake()
    if (mayBeMember) await this.#sayGoodbye(this.#membership.memberId, timeoutMs)
    if (this.#farewell !== undefined) {
      const tooLate = late('REQUEST_TIMED_OUT', 'leaving', timeoutMs)
      await within(this.#cluster.config.clock, this.#farewell, timeoutMs, tooLate).catch(() => {})
    }
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
    const applied = this.#hasSettings || applyGroupSettings(this.#cluster, this.#options, this.#requestTimeoutMs)
    const [coordinator] = await Promise.all([this.#requests.coordinator(), applied])
    this.#hasSettings = true
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
      this.#report.joined()
      this.#pace.changed()
      this.#take(answer)
      await this.#lookForMore()
      this.#noteAssigned()
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
      if (lateMs > this.#options.heartbeatIntervalMs / 4) this.#report.miss()
      this.#liveness.check(this.#tasks.hasEvents)
      await this.#beat()
      beatAtMs = this.#nextBeatMs()
    }
  }

  /** A coordinator that cannot be reached is looked up again; only what the group says about the member rejects. */
  async #beat(): Promise<void> {
    let coordinator: number | undefined
    try {
      coordinator = await this.#requests.coordinator()
      const misses = this.#report.beginBeat()
      if (this.#report.mayHaveMissed) await this.#look(coordinator)
      const beat = this.#report.beat(this.#tasks.claimed)
      const answer = await this.#requests.beat(coordinator, this.#membership, beat, this.#requestTimeoutMs)
      if (!this.#state.is('stable')) return
      this.#backoff.reset()
      this.#report.answered(beat, misses)
      const isNews = answer.activeTasks !== null || answer.memberEpoch !== this.#membership.generation
      this.#take(answer)
      if (isNews) {
        this.#pace.changed()
        await this.#lookForMore()
      }
      this.#noteAssigned()
    } catch (error) {
      if (!passes(error)) throw error
      this.#report.miss()
      if (coordinator !== undefined) this.#requests.forgetCoordinator(coordinator)
      this.#logFailure('heartbeat failed', error)
      await this.#wakeup.sleep(Math.min(this.#backoff.nextMs(), this.#options.heartbeatIntervalMs))
    }
  }

  /** An answer without an error: the epoch, and the tasks where they have changed. */
  #take(answer: StreamsGroupHeartbeatResponse): void {
    this.#membership.generation = answer.memberEpoch
    this.#report.heard(answer.endpointInformationEpoch)
    const end = this.#status.hear(answer.status ?? [])
    const { activeTasks, standbyTasks } = answer
    if (activeTasks !== null) this.#assign({ active: tasksOf(activeTasks), standby: tasksOf(standbyTasks ?? []) })
    if (end !== undefined) throw end
    this.#keepalive.tell()
  }

  #assign(tasks: MemberTasks): void {
    const { groupId } = this.#options
    this.#cluster.config.logger.debug({ groupId, epoch: this.#membership.generation, ...tasks }, 'group assignment')
    if (!this.#tasks.hasEvents) this.#liveness.acknowledged()
    this.#tasks.assign(tasks)
    this.#tell()
  }

  /** What answers may have said that nobody has read. A member that is gone learns so from its next heartbeat. */
  async #look(coordinator: number): Promise<void> {
    const view = await this.#view.of(this.#membership.memberId, coordinator, this.#requestTimeoutMs)
    if (view === undefined || !this.#state.is('stable')) return
    this.#membership.generation = Math.max(this.#membership.generation, view.epoch)
    if (tasksText(view.assigned) !== tasksText(this.#tasks.heading)) this.#assign(view.assigned)
    await this.#hearOf(view.group)
  }

  /** Whether tasks are still to come, when other members have given them back, and why there is a new epoch. */
  async #lookForMore(): Promise<void> {
    this.#awaitsTasks = false
    if (this.#status.isWaiting || !this.#state.is('stable')) return
    let view: MemberView | undefined
    try {
      const coordinator = await this.#requests.coordinator()
      view = await this.#view.of(this.#membership.memberId, coordinator, this.#requestTimeoutMs)
      this.#awaitsTasks = view !== undefined && !areWithin(view.target, this.#tasks.heading)
    } catch (error) {
      this.#logFailure('the description of the group failed', error)
    }
    await this.#hearOf(view?.group)
  }

  async #hearOf(group: GroupShape | undefined): Promise<void> {
    const rebalance = await this.#causes.next(this.#membership.generation, group)
    if (rebalance !== undefined) this.#options.onRebalance(rebalance)
  }

  async #topicsSeen(): Promise<string> {
    const names = sourceTopicNames(this.#options.topology)
    await this.#cluster.refresh(names, this.#requestTimeoutMs)
    return JSON.stringify(names.map((name) => [name, this.#cluster.topicMetadata(name)?.partitions.length]))
  }

  /** A member without tasks has them still to come, or is to have none. */
  #noteAssigned(): void {
    const { active, standby } = this.#tasks.heading
    const isFirstToCome = this.#awaitsTasks && active.length + standby.length === 0
    if (!this.#status.isWaiting && !isFirstToCome) this.#membership.isAssigned = true
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
    // A new object: the holder of the old one must still be refused, and whoever has the old tasks must not get the new one. A group that knows the id gives its tasks back.
    this.#membership.owns = () => false
    this.#fenced = this.#membership
    this.#membership = this.#newMembership(code === 'FENCED_MEMBER_EPOCH' ? memberId : newMemberId())
    this.#causes.join({ cause: 'member-fenced', detail: `after ${code}` })
    this.#awaitsTasks = false
    this.#tasks.lose()
    this.#keepalive.tell()
    this.#tell()
    while (this.#state.is('fenced') && this.#tasks.hasEvents) await this.#wakeup.sleep(this.#options.sessionTimeoutMs)
    this.#fenced = undefined
    await this.#wakeup.sleep(this.#backoff.nextMs())
    if (this.#state.is('fenced')) this.#state.transition('joining')
  }

  /** Tasks that are being revoked still are, the others are reported as lost; then the error. No call brings it back. */
  #fail(error: unknown): void {
    this.#state.transition('failed')
    this.#stopKeeping()
    this.#tasks.fail(error)
    this.#tell()
    this.#farewell = this.#leaveWhenRevoked()
  }

  /** The commit of a revocation needs the membership. */
  async #leaveWhenRevoked(): Promise<void> {
    const { memberId, generation } = this.#membership
    if (generation < 0) return
    const deadline = new Deadline(this.#cluster.config.clock, this.#options.rebalanceTimeoutMs)
    while (!this.#isLeft && this.#tasks.isRevoking && !deadline.isOver) await this.#wakeup.sleep(deadline.remainingMs())
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
      this.#tasks.held.active.some((task) => task.partition === partition && this.#reads(task.subtopology, topic))
    return membership
  }

  #reads(subtopology: number, topic: string): boolean {
    return this.#options.topology.subtopologies.some(
      ({ id, sourceTopics }) => id === subtopology && sourceTopics.includes(topic),
    )
  }

  #tell(): void {
    queueMicrotask(() => {
      if (!this.#state.is('left') && this.#tasks.hasEvents) this.#onEvent()
    })
  }

  #lookSoon(): void {
    this.#report.miss()
    this.#wakeup.wake()
  }

  #logFailure(what: string, error: unknown): void {
    this.#cluster.config.logger.debug({ groupId: this.#options.groupId, reason: errorMessage(error) }, what)
  }

  /** For the keepalive thread: what a heartbeat of this member has to say; undefined before it has joined. */
  #kept(): KeptMember | undefined {
    const { memberId, generation } = this.#membership
    if (generation < 0) return undefined
    const { clientId, groupId, sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs } = this.#options
    const times = { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs }
    const tasks = this.#tasks.claimed
    return { memberId, generation, clientId, groupId, instanceId: undefined, tasks, ...times }
  }

  get #isReportDue(): boolean {
    return this.#report.isDue(this.#tasks.claimed)
  }

  #nextBeatMs(): number {
    const { heartbeatIntervalMs } = this.#options
    const isQuick = this.#status.isWaiting || this.#awaitsTasks
    return (
      this.#nowMs() +
      (isQuick ? Math.min(quickBeatMs, heartbeatIntervalMs) : this.#pace.intervalMs(heartbeatIntervalMs))
    )
  }

  get #requestTimeoutMs(): number {
    return Math.max(this.#options.heartbeatIntervalMs, this.#options.sessionTimeoutMs / 3)
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

/** As Java's: 16 random bytes in 22 characters. */
function newMemberId(): string {
  return randomBytes(16).toString('base64url')
}
