import type { Timer } from '../../core/clock.ts'
import type { MillraceError } from '../../core/errors.ts'
import type { GroupEvent, GroupMember, GroupMemberOptions, GroupMetadata, TaskId } from '../port.ts'
import type { MemoryCluster } from './cluster.ts'
import type { GroupSession, MemoryGroup } from './group.ts'

/**
 * A member's own side: heartbeats on the clock, one event after another. What the group decides is in `MemoryGroup`;
 * this class turns it into the events of the port, and falls out of the group when it is not polled for
 * `rebalanceTimeoutMs`, as a Kafka member does.
 */
export class MemoryGroupMember implements GroupMember {
  readonly #cluster: MemoryCluster
  #group: MemoryGroup
  readonly #options: GroupMemberOptions
  #onEvent: () => void = () => {}
  #session: GroupSession | undefined
  #removed: { readonly reason: MillraceError | undefined } | undefined
  #event: GroupEvent | undefined
  #lastPollMs = 0
  #heartbeatTimer: Timer | undefined
  #telling = false
  #asksForShutdown = false
  #wasFenced = false
  #ended = false

  constructor(cluster: MemoryCluster, options: GroupMemberOptions) {
    this.#cluster = cluster
    this.#group = cluster.group(options.groupId)
    this.#options = options
  }

  join(onEvent: () => void): void {
    this.#onEvent = onEvent
    this.#enter()
  }

  /**
   * Joins as a new member; after a loss again, with another member id. An error of the group comes as the event
   * `failed`.
   */
  #enter(): void {
    if (this.#isSilent) {
      this.#session = undefined
      this.#removed = undefined
      this.#event = undefined
      this.#later(() => this.#enter())
      return
    }
    const memberId = this.#cluster.nextMemberId(this.#options.clientId)
    const session: GroupSession = {
      memberId,
      options: this.#options,
      joining: { cause: this.#wasFenced ? 'member-fenced' : 'member-joined', detail: memberId },
      epoch: 0,
      active: new Map(),
      standby: new Map(),
      onChange: () => this.#tell(),
      onRemoved: (reason) => {
        this.#removed = { reason }
        this.#tell()
      },
      sessionTimer: undefined,
      revocationTimer: undefined,
    }
    this.#session = session
    this.#removed = undefined
    this.#event = undefined
    this.#lastPollMs = this.#cluster.clock.monotonicMs()
    this.#group = this.#cluster.group(this.#options.groupId)
    try {
      this.#group.join(session)
    } catch (error) {
      this.#removed = { reason: error as MillraceError }
      this.#tell()
      return
    }
    this.#tellShutdown()
    this.#beatLater()
  }

  requestShutdown(): void {
    this.#asksForShutdown = true
    this.#tellShutdown()
  }

  #tellShutdown(): void {
    if (!this.#asksForShutdown || this.#session === undefined) return
    if (this.#removed === undefined && !this.#isSilent && !this.#ended) this.#group.shutDown(this.#session)
  }

  /** After the caller's turn, so that no one is called back from inside his own call. */
  #tell(): void {
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      if (!this.#ended && this.#hasEvent()) this.#onEvent()
    })
  }

  /** The group does not hear of it, nor it of the group. */
  get #isSilent(): boolean {
    return this.#cluster.faults.silenceOf(this.#options.clientId) !== undefined
  }

  #hasEvent(): boolean {
    if (this.#isSilent) return false
    if (this.#removed !== undefined || this.#event !== undefined) return true
    return this.#session !== undefined && this.#group.hasEvent(this.#session)
  }

  #beatLater(): void {
    this.#later(() => this.#beat())
  }

  #later(act: () => void): void {
    this.#heartbeatTimer?.cancel()
    this.#heartbeatTimer = this.#cluster.clock.setTimer(this.#options.heartbeatIntervalMs, act)
  }

  /** Keeps the session alive. A member whose thread hangs is removed, and finds `lost` when it polls again. */
  #beat(): void {
    const session = this.#session
    if (session === undefined) return
    if (this.#isSilent) {
      this.#beatLater()
      return
    }
    if (this.#removed !== undefined) {
      this.#tell()
      return
    }
    if (this.#cluster.clock.monotonicMs() - this.#lastPollMs > this.#options.rebalanceTimeoutMs) {
      this.#group.remove(session)
      return
    }
    this.#group.heartbeat(session)
    this.#tellShutdown()
    // Topics that the members' patterns match may be looked up long after they were created.
    this.#group.topicsChanged()
    this.#beatLater()
  }

  poll(): GroupEvent | undefined {
    const session = this.#session
    if (session === undefined || this.#ended) return undefined
    this.#lastPollMs = this.#cluster.clock.monotonicMs()
    if (this.#isSilent) return this.#event
    if (this.#removed !== undefined) this.#event = this.#eventOfRemoval(session, this.#removed.reason)
    else this.#event ??= this.#group.nextEvent(session)
    return this.#event
  }

  /** Repeated until it is acknowledged; `failed` cannot be acknowledged and stays. */
  #eventOfRemoval(session: GroupSession, reason: MillraceError | undefined): GroupEvent {
    if (this.#event?.kind === 'lost' || this.#event?.kind === 'failed') return this.#event
    if (reason !== undefined) return { kind: 'failed', error: reason }
    return { kind: 'lost', tasks: heldTasks(session) }
  }

  acknowledge(): void {
    const event = this.#event
    const session = this.#session
    if (event === undefined || session === undefined) return
    if (event.kind === 'failed') return
    if (event.kind === 'lost') {
      this.#wasFenced = true
      this.#enter()
      return
    }
    this.#event = undefined
    if (event.kind === 'revoked' && this.#removed === undefined) this.#group.release(session, event.tasks)
    this.#tell()
  }

  get isSettled(): boolean {
    return this.#session !== undefined && this.#session.epoch > 0 && !this.#hasEvent()
  }

  get failure(): unknown {
    return this.#removed?.reason
  }

  get waitsFor(): string | undefined {
    return this.#session === undefined || this.#group.awaitsTasks(this.#session)
      ? 'tasks that other members give back'
      : undefined
  }

  metadata(): GroupMetadata {
    const { groupId, instanceId } = this.#options
    const session = this.#session
    return { groupId, generation: session?.epoch ?? -1, memberId: session?.memberId ?? '', instanceId }
  }

  async leave(_timeoutMs: number, { permanently } = { permanently: false }): Promise<void> {
    const session = this.#session
    this.end()
    if (session === undefined || this.#removed !== undefined || this.#isSilent) return
    if (permanently || this.#options.instanceId === undefined) this.#group.remove(session)
  }

  /** It has left, or fell silent. */
  get isEnded(): boolean {
    return this.#ended
  }

  /** Falls silent, as a process does that dies; the group notices when the session times out. */
  end(): void {
    this.#ended = true
    this.#heartbeatTimer?.cancel()
  }
}

function heldTasks(session: GroupSession): readonly TaskId[] {
  return [...session.active.values(), ...session.standby.values()]
}
