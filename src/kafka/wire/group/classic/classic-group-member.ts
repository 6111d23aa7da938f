import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../../../core/errors.ts'
import { within } from '../../../../core/within.ts'
import { StateMachine, type Transitions } from '../../../../core/state-machine.ts'
import type { Admin, GroupEvent, GroupMember, GroupMemberOptions } from '../../../port.ts'
import { Backoff } from '../../../../core/backoff.ts'
import { Deadline, late } from '../../connection/retry-until.ts'
import type { Cluster, Lane } from '../../cluster/cluster.ts'
import { ClassicAssignment } from './classic-assignment.ts'
import { GroupEvents } from '../group-events.ts'
import type { LeaderDecision } from './group-leader.ts'
import { GroupTakeover } from '../group-takeover.ts'
import { ClassicRequests } from './classic-requests.ts'
import { GroupPace } from '../group-pace.ts'
import { GroupLiveness } from '../group-liveness.ts'
import type { Keepalive } from '../keepalive.ts'
import type { KeepaliveReport, KeptJoin, KeptMember, RejoinedMember } from '../keepalive-messages.ts'
import { Membership } from '../group-membership.ts'
import { plainOptions } from './rejoin-held.ts'
import type { MemberAssignment } from './group-user-data.ts'
import { Rejoin } from './rejoin.ts'
import { Wakeup } from '../../connection/wakeup.ts'
import { Warmups } from './warmups.ts'
import type { LiveGroupMetadata } from '../offsets.ts'

type State = 'new' | 'joining' | 'syncing' | 'stable' | 'fenced' | 'failed' | 'left'

/** A member that leaves begins a rebalance, in which members that have not fetched the last assignment never see it. */
const shutdownBeats = 3

/**
 * - `new`: made, has not joined
 * - `joining`: JoinGroup is sent, or is due after a backoff; it may follow itself, since a failed join is tried again
 * - `syncing`: the coordinator has named the generation and its leader; SyncGroup waits for the assignment
 * - `stable`: assigned; heartbeats are sent until a rebalance is due
 * - `fenced`: the group has removed the member; it waits until the loss is acknowledged, then joins again
 * - `failed`: an error that no join repairs; only `leave` is left
 * - `left`: over, nothing is sent any more
 */
const transitions: Transitions<State> = {
  new: ['joining', 'left'],
  joining: ['joining', 'syncing', 'fenced', 'failed', 'left'],
  syncing: ['joining', 'stable', 'fenced', 'failed', 'left'],
  stable: ['joining', 'fenced', 'failed', 'left'],
  fenced: ['joining', 'failed', 'left'],
  failed: ['left'],
  left: [],
}

/**
 * Membership by Kafka's classic group protocol, cooperative: tasks that do not move are not touched by a rebalance. A
 * task that moves is first revoked from its holder, who then joins again, and the follow-up hands it out. While it
 * joins, the member keeps its tasks and may commit.
 *
 * A member that is not polled, or does not acknowledge, for `rebalanceTimeoutMs` leaves the group and has lost its
 * tasks; it joins again once it has acknowledged that.
 */
export class ClassicGroupMember implements GroupMember {
  /** Names of lanes differ within the process, as members of several applications may share a cluster. */
  static #lastLane = 0
  readonly #cluster: Cluster
  readonly #options: GroupMemberOptions
  /** Its own connections: a join blocks those behind it until all members have joined. */
  readonly #lane: Lane = `group-${++ClassicGroupMember.#lastLane}`
  readonly #requests: ClassicRequests
  readonly #assignment: ClassicAssignment
  readonly #events = new GroupEvents()
  readonly #wakeup: Wakeup
  readonly #backoff: Backoff
  readonly #liveness: GroupLiveness
  readonly #takeover: GroupTakeover
  readonly #keepalive: Pick<Keepalive, 'keep' | 'tell' | 'isReporting'>
  readonly #pace: GroupPace
  readonly #warmups: Warmups
  readonly #state: StateMachine<State>
  #membership: Membership
  /** The one before, while its tasks are not given up yet. */
  #fenced: Membership | undefined
  /** What another thread may join with in place of this one. */
  #held: KeptJoin | undefined
  /** Joined by another thread, and not begun here. */
  #joined: RejoinedMember | undefined
  readonly #plain: KeptJoin['options']
  #onEvent: () => void = () => {}
  readonly #rejoin = new Rejoin()
  /** As the leader has seen. */
  #missingTopics: readonly string[] = []
  #stopWatching: () => void = () => {}
  #stopKeeping: () => void = () => {}
  /** The leave of a member that has failed. */
  #farewell: Promise<void> | undefined

  constructor(
    cluster: Cluster,
    admin: Admin,
    keepalive: Pick<Keepalive, 'keep' | 'tell' | 'isReporting'>,
    options: GroupMemberOptions,
  ) {
    this.#cluster = cluster
    this.#keepalive = keepalive
    this.#options = options
    this.#plain = plainOptions(options)
    this.#requests = new ClassicRequests(cluster, options, this.#lane)
    this.#assignment = new ClassicAssignment(cluster, admin, options)
    this.#liveness = new GroupLiveness(cluster.config.clock, options.rebalanceTimeoutMs)
    const { clock, logger } = cluster.config
    this.#takeover = new GroupTakeover(clock, logger, options.groupId, options.rebalanceTimeoutMs)
    this.#wakeup = new Wakeup(cluster.config.clock)
    this.#backoff = new Backoff(cluster.config.retryBackoff)
    this.#pace = new GroupPace(clock)
    this.#warmups = new Warmups(options)
    this.#membership = this.#newMembership()
    this.#state = new StateMachine<State>(`member of group ${options.groupId}`, 'new', transitions)
  }

  join(onEvent: () => void): void {
    this.#onEvent = onEvent
    this.#liveness.polled()
    this.#state.transition('joining')
    this.#rejoin.ask('first join', 'member-joined')
    this.#stopKeeping = this.#keepalive.keep(
      () => this.#kept(),
      (report) => this.#hearOfJoin(report),
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
    this.#noteHeld()
    if (this.#events.isSettled) this.#wakeup.wake()
    else this.#tell()
  }

  get isSettled(): boolean {
    return this.#membership.isAssigned && this.#events.isSettled
  }

  get failure(): unknown {
    return this.#events.failure
  }

  get waitsFor(): string | undefined {
    switch (this.#state.state) {
      case 'joining':
        return this.#membership.memberId === '' ? 'the coordinator of the group' : 'the other members to join the group'
      case 'syncing':
        return 'the leader of the group to assign the tasks'
      case 'fenced':
        return 'the group to take it in again'
      default:
        return this.#missingTopics.length > 0
          ? `source topics that are missing: create ${this.#missingTopics.join(', ')}`
          : undefined
    }
  }

  /** Follows the generation of the present membership; a fenced membership keeps its last one. */
  metadata(): LiveGroupMetadata {
    return this.#fenced ?? this.#membership
  }

  requestShutdown(): void {
    this.#assignment.requestShutdown()
    this.#rejoin.ask('all members are to stop')
    this.#wakeup.wake()
  }

  async leave(timeoutMs: number, { permanently } = { permanently: false }): Promise<void> {
    if (this.#state.is('left')) return
    const mayBeMember = !this.#state.is('new', 'failed')
    this.#state.transition('left')
    this.#membership.isJoining = false
    this.#stopWatching()
    this.#stopKeeping()
    this.#wakeup.wake()
    const { memberId } = this.#membership
    if (mayBeMember && memberId !== '' && (permanently || this.#options.instanceId === undefined)) {
      await this.#sayGoodbye(memberId, 'the member was closed', timeoutMs)
    }
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
        const coordinator = await this.#requests.coordinator()
        const assignment = await this.#joinAndSync(coordinator)
        this.#backoff.reset()
        this.#state.transition('stable')
        this.#begin(assignment)
        await this.#stayUntilRejoin()
      } catch (error) {
        if (!this.#state.is('left')) await this.#recover(error)
      }
    }
  }

  /**
   * One round of the group: JoinGroup, which ends when all members are in; the leader decides; SyncGroup hands out. A
   * member that leaves meanwhile stops at the next step (MEMBER_LEFT).
   */
  async #joinAndSync(coordinator: number): Promise<MemberAssignment> {
    const reason = this.#rejoin.begin()
    const { groupId } = this.#options
    this.#cluster.config.logger.debug({ groupId, reason }, 'joining the group')
    if (!this.#state.is('joining')) this.#state.transition('joining')
    this.#membership.isJoining = true
    try {
      const subscription = this.#assignment.subscription(
        this.#events,
        this.#membership.generation,
        this.#rejoin.cause?.cause,
      )
      const joined = await this.#requests
        .join(coordinator, this.#membership.memberId, subscription, reason, (id) => this.#learnMemberId(id))
        .catch((error: unknown) => {
          throw errorCode(error) === 'INCONSISTENT_GROUP_PROTOCOL' ? this.#takeover.refused(error) : error
        })
      this.#takeover.joined()
      this.#membership.joined(joined.generationId)
      this.#keepalive.tell()
      if (this.#isLeft) throw memberLeft()
      this.#state.transition('syncing')
      const decision = await this.#assignment.leaderDecision(joined)
      const bytes = await this.#requests.sync(coordinator, this.#membership, this.#assignment.encode(decision))
      if (this.#isLeft) throw memberLeft()
      this.#membership.isJoining = false
      this.#watchTopics(decision)
      return this.#assignment.decode(bytes)
    } catch (error) {
      if (consequenceOf(error) === 'retriable') this.#requests.forgetCoordinator(coordinator)
      throw error
    }
  }

  /** A member id that arrives after the member left must not be used to join. */
  #learnMemberId(memberId: string): void {
    const isNew = this.#membership.memberId !== memberId
    this.#membership.memberId = memberId
    if (!this.#isLeft) return
    if (isNew && this.#options.instanceId === undefined) {
      void this.#sayGoodbye(memberId, 'the member was closed', this.#options.sessionTimeoutMs)
    }
    throw memberLeft()
  }

  /**
   * The tasks of this generation become events. An assignment may carry an error of the leader, which ends the member.
   */
  #begin(assignment: MemberAssignment): void {
    const { errorCode, errorMessage: message } = assignment
    if (errorCode !== '') throw new MillraceError<string>(errorCode, 'fatal', message)
    this.#options.onRebalance(this.#rejoin.end(assignment.rebalance))
    this.#liveness.acknowledged()
    this.#membership.isAssigned = true
    this.#events.moveTo(assignment.active, assignment.standby, this.#options.rebalanceTimeoutMs)
    this.#pace.changed()
    this.#warmups.follow(assignment.warmup)
    if (assignment.rejoinAfterRevocation) this.#rejoin.ask('revoked tasks were given back', 'tasks-given-back')
    this.#cluster.config.logger.debug({ groupId: this.#options.groupId, ...assignment }, 'group assignment')
    this.#noteHeld()
    this.#tell()
  }

  /** What another thread may join with in place of this one; nothing while tasks are to be given back or taken. */
  #noteHeld(): void {
    const { generation } = this.#membership
    this.#held = this.#events.isSettled
      ? { subscription: this.#assignment.subscription(this.#events, generation, undefined), options: this.#plain }
      : undefined
    // The event loop may be blocked from the next moment on.
    this.#keepalive.tell()
  }

  /** The event loop was blocked: the heartbeat thread may have joined again meanwhile, or be about to. */
  #hearOfJoin({ rejoined, joining }: KeepaliveReport): void {
    const { memberId, generation } = this.#membership
    if (!this.#state.is('stable')) return
    const joined = rejoined.find((each) => each.memberId === memberId)
    if (joined !== undefined && joined.generation > generation) {
      this.#membership.generation = joined.generation
      this.#joined = joined
    }
    if (joining.includes(memberId)) {
      this.#membership.isJoining = true
      this.#rejoin.ask('a join of the heartbeat thread was not finished')
    }
    this.#wakeup.wake()
  }

  /** Takes what the group has assigned while the event loop was blocked. The leader looks again itself. */
  #beginJoined(): void {
    const joined = this.#joined
    if (joined === undefined || !this.#events.isSettled) return
    this.#joined = undefined
    // The member was fenced, or joined again itself, before it came to begin.
    if (joined.generation !== this.#membership.generation) return
    this.#begin(this.#assignment.decode(joined.assignment))
    if (joined.hasLed) this.#rejoin.ask('the tasks were assigned while the event loop was blocked')
  }

  /** Heartbeats until a join is due and everything told so far is acknowledged. Rejects when the member was fenced. */
  async #stayUntilRejoin(): Promise<void> {
    let beatAtMs = this.#nextBeatMs()
    while (this.#state.is('stable')) {
      this.#beginJoined()
      if (this.#rejoin.isDue && this.#events.isSettled) return
      await this.#wakeup.sleep(beatAtMs - this.#nowMs())
      if (!this.#state.is('stable') || this.#nowMs() < beatAtMs) continue
      this.#liveness.check(!this.#events.isSettled)
      await this.#beat()
      if (this.#warmups.haveNewlyCaughtUp()) this.#rejoin.ask('the state of a task has caught up', 'state-caught-up')
      beatAtMs = this.#nextBeatMs()
    }
  }

  /** A coordinator that cannot be reached is looked up again; only what the group says about the member rejects. */
  async #beat(): Promise<void> {
    const { heartbeatIntervalMs, sessionTimeoutMs } = this.#options
    const timeoutMs = Math.max(heartbeatIntervalMs, sessionTimeoutMs / 3)
    let coordinator: number | undefined
    const { generation } = this.#membership
    try {
      coordinator = await this.#requests.coordinator()
      await this.#requests.heartbeat(coordinator, this.#membership, timeoutMs)
    } catch (error) {
      if (errorCode(error) === 'REBALANCE_IN_PROGRESS') {
        this.#rejoin.ask('the group is rebalancing')
        return
      }
      const hasMoved = this.#membership.isRejoining || this.#membership.generation !== generation
      if (hasMoved && errorCode(error) === 'ILLEGAL_GENERATION') return
      if (consequenceOf(error) !== 'retriable') throw error
      if (coordinator !== undefined) this.#requests.forgetCoordinator(coordinator)
      this.#cluster.config.logger.debug(
        { groupId: this.#options.groupId, reason: errorMessage(error) },
        'heartbeat failed',
      )
    }
  }

  /**
   * Rebalancing: join again. Retriable: after a backoff. Fenced: the tasks are lost, join as a new member. Anything
   * else: the member has failed.
   */
  async #recover(error: unknown): Promise<void> {
    const { logger } = this.#cluster.config
    const reason = errorMessage(error)
    const code = errorCode(error)
    if (code === 'REBALANCE_IN_PROGRESS') {
      this.#rejoin.ask('the group began to rebalance again')
      await this.#wakeup.sleep(this.#backoff.nextMs())
      return
    }
    if (consequenceOf(error) === 'retriable') {
      logger.debug({ groupId: this.#options.groupId, reason }, 'group join failed, retrying')
      this.#rejoin.ask(`after ${code}`)
      await this.#wakeup.sleep(this.#backoff.nextMs())
      return
    }
    const isFenced = consequenceOf(error) === 'task-migrated'
    logger.warn(
      { groupId: this.#options.groupId, reason },
      isFenced ? 'fenced by the group' : 'cannot stay in the group',
    )
    if (isFenced) await this.#loseAndRejoin(code)
    else this.#fail(error)
  }

  /**
   * Joins again once the loss is acknowledged; a static member keeps its instance id, and everybody a member id that is
   * still valid.
   */
  async #loseAndRejoin(code: string | undefined): Promise<void> {
    this.#state.transition('fenced')
    if (code === 'POLL_TIMEOUT' && this.#options.instanceId === undefined) {
      void this.#sayGoodbye(this.#membership.memberId, 'the thread hangs', this.#options.sessionTimeoutMs)
    }
    // A new object: the holder of the old one must still be refused, and whoever has the old tasks must not get the new one.
    const memberId = code === 'ILLEGAL_GENERATION' ? this.#membership.memberId : ''
    this.#membership.isJoining = false
    this.#fenced = this.#membership
    this.#membership = this.#newMembership()
    this.#membership.memberId = memberId
    this.#keepalive.tell()
    this.#rejoin.fenced(code)
    if (this.#events.loseAll()) this.#tell()
    while (this.#state.is('fenced') && !this.#events.isSettled) await this.#wakeup.sleep(this.#options.sessionTimeoutMs)
    this.#fenced = undefined
    await this.#wakeup.sleep(this.#backoff.nextMs())
    if (this.#state.is('fenced')) this.#state.transition('joining')
  }

  /** Tasks are reported as lost, then the error; no call brings the member back. */
  #fail(error: unknown): void {
    this.#state.transition('failed')
    this.#membership.isJoining = false
    this.#stopWatching()
    this.#stopKeeping()
    this.#events.loseAll()
    this.#events.fail(error)
    this.#tell()
    const { memberId } = this.#membership
    if (memberId !== '' && errorCode(error) !== 'FENCED_INSTANCE_ID' && this.#options.instanceId === undefined) {
      const reason = errorMessage(error).slice(0, 200)
      const stayMs = errorCode(error) === 'GROUP_SHUTDOWN' ? shutdownBeats * this.#options.heartbeatIntervalMs : 0
      this.#farewell = this.#leaveLater(memberId, reason, stayMs)
    }
  }

  async #leaveLater(memberId: string, reason: string, stayMs: number): Promise<void> {
    await this.#cluster.config.clock.sleep(stayMs)
    await this.#sayGoodbye(memberId, reason, this.#options.sessionTimeoutMs)
  }

  /** The session timeout does it as well, only later; so a failure is not an error. */
  async #sayGoodbye(memberId: string, reason: string, timeoutMs: number): Promise<void> {
    try {
      const deadline = new Deadline(this.#cluster.config.clock, timeoutMs)
      const coordinator = await this.#requests.coordinator(timeoutMs)
      await this.#requests.leave(coordinator, memberId, reason, deadline.remainingMs())
    } catch (error) {
      this.#cluster.config.logger.debug(
        { groupId: this.#options.groupId, reason: errorMessage(error) },
        'leaving failed',
      )
    }
  }

  /** The leader asks for a rebalance when things are not what it decided upon. */
  #watchTopics(decision: LeaderDecision | undefined): void {
    this.#stopWatching()
    this.#missingTopics = decision?.missingTopics ?? []
    if (decision === undefined) return
    this.#stopWatching = this.#assignment.watch(decision, (reason, cause) => {
      this.#rejoin.ask(reason, cause)
      this.#wakeup.wake()
    })
  }

  #tell(): void {
    queueMicrotask(() => {
      if (!this.#state.is('left') && !this.#events.isSettled) this.#onEvent()
    })
  }

  /** For the keepalive thread: what a heartbeat of this member has to say; undefined before the first generation. */
  #kept(): KeptMember | undefined {
    const { memberId, generation } = this.#membership
    if (generation < 0) return undefined
    const { clientId, groupId, instanceId, sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs } = this.#options
    const times = { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs }
    const join = this.#state.is('stable') ? this.#held : undefined
    return { memberId, generation, clientId, groupId, instanceId, join, ...times }
  }

  #newMembership(): Membership {
    return new Membership(this.#options.groupId, this.#options.instanceId, () => this.#keepalive.isReporting)
  }

  /** As a getter, because the state changes while a method waits. */
  get #isLeft(): boolean {
    return this.#state.is('left')
  }

  #nextBeatMs(): number {
    return this.#nowMs() + this.#pace.intervalMs(this.#options.heartbeatIntervalMs)
  }

  #nowMs(): number {
    return this.#cluster.config.clock.monotonicMs()
  }
}

function memberLeft(): MillraceError {
  return new MillraceError('MEMBER_LEFT', 'fatal', 'the member left while it joined')
}
