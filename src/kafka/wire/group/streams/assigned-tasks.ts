import type { GroupEvent } from '../../../port.ts'
import { GroupEvents } from '../group-events.ts'
import { type MemberTasks, union } from './task-lists.ts'

/** What the group assigns to a member, and the events by which the member gets there. */
export class AssignedTasks {
  readonly #events = new GroupEvents()
  readonly #revocationMs: number
  /** Assigned last, and not turned into events yet. */
  #target: MemberTasks | undefined

  /** `revocationMs`: the longest that a revocation may take. */
  constructor(revocationMs: number) {
    this.#revocationMs = revocationMs
  }

  /** The tasks that the member has, those of unacknowledged events among them. */
  get held(): MemberTasks {
    return { active: this.#events.active, standby: this.#events.standby }
  }

  /**
   * The tasks that it has, and those of events that it has not seen yet. Where a heartbeat names the tasks of a member
   * without one that the group has taken away, others get it at once, and the member may still begin with it.
   */
  get claimed(): MemberTasks {
    return union(union(this.held, this.#events.heading), this.heading)
  }

  /** The tasks that it has when all events are acknowledged. */
  get heading(): MemberTasks {
    return this.#target ?? this.#events.heading
  }

  get hasEvents(): boolean {
    return !this.#events.isSettled
  }

  /** Nothing is left to be done. */
  get isReached(): boolean {
    return this.#events.isSettled && this.#target === undefined
  }

  get isRevoking(): boolean {
    return this.#events.isRevoking
  }

  get failure(): unknown {
    return this.#events.failure
  }

  /** All that the member is to have. */
  assign(target: MemberTasks): void {
    this.#target = target
    this.#follow()
  }

  next(): GroupEvent | undefined {
    return this.#events.next()
  }

  acknowledge(): void {
    this.#events.acknowledge()
    this.#follow()
  }

  /** Whatever was assigned is gone. */
  lose(): void {
    this.#target = undefined
    this.#events.loseAll()
  }

  /** Tasks that are being revoked still are, all others are lost; then the error. */
  fail(error: unknown): void {
    this.#target = undefined
    if (!this.#events.isRevoking) this.#events.loseAll()
    this.#events.fail(error)
  }

  /** One way after another: an assignment may come while the one before it is carried out. */
  #follow(): void {
    if (this.#target === undefined || !this.#events.isSettled) return
    const { active, standby } = this.#target
    this.#target = undefined
    this.#events.moveTo(active, standby, this.#revocationMs)
  }
}
