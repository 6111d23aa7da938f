import { type GroupEvent, type TaskId, taskIdText } from '../../port.ts'

/**
 * The tasks of a member, and the events that it has not seen yet: one after another, each kept until it is
 * acknowledged.
 */
export class GroupEvents {
  readonly #active = new Map<string, TaskId>()
  readonly #standby = new Map<string, TaskId>()
  #queue: GroupEvent[] = []
  #delivered: GroupEvent | undefined

  /** Active tasks that were given and not given back, the unacknowledged among them. */
  get active(): readonly TaskId[] {
    return [...this.#active.values()]
  }

  /** Standby tasks that were given and not given back. */
  get standby(): readonly TaskId[] {
    return [...this.#standby.values()]
  }

  /** Every event is acknowledged. */
  get isSettled(): boolean {
    return this.#queue.length === 0
  }

  /** Where the queued events lead to: the tasks that are held after the last of them. */
  get heading(): { readonly active: readonly TaskId[]; readonly standby: readonly TaskId[] } {
    const end = new GroupEvents()
    for (const [text, task] of this.#active) end.#active.set(text, task)
    for (const [text, task] of this.#standby) end.#standby.set(text, task)
    for (const event of this.#queue) {
      if (event.kind === 'assigned') end.#gain(event.active, event.standby)
      else if (event.kind !== 'failed') end.#drop(event.tasks)
    }
    return { active: end.active, standby: end.standby }
  }

  /** Tasks are to be committed and closed before anything else. */
  get isRevoking(): boolean {
    return this.#queue[0]?.kind === 'revoked'
  }

  /** Queues the way from what is held to the new assignment: revocations first. Only while settled. */
  moveTo(active: readonly TaskId[], standby: readonly TaskId[], revocationMs: number): void {
    const revoked = [
      ...this.active.filter((task) => !includes(active, task)),
      ...this.standby.filter((task) => !includes(standby, task) && !includes(active, task)),
    ]
    const gained = {
      active: active.filter((task) => !this.#active.has(taskIdText(task))),
      standby: standby.filter((task) => !this.#standby.has(taskIdText(task))),
    }
    if (revoked.length > 0) this.#queue.push({ kind: 'revoked', tasks: revoked, deadlineMs: revocationMs })
    if (gained.active.length + gained.standby.length > 0) this.#queue.push({ kind: 'assigned', ...gained })
  }

  /** All that is held is gone; replaces whatever was queued. false when there was nothing to lose. */
  loseAll(): boolean {
    const pending = this.#queue.find((event) => event.kind === 'lost')
    const tasks = [...this.active, ...this.standby]
    this.#queue = pending !== undefined ? [pending] : tasks.length > 0 ? [{ kind: 'lost', tasks }] : []
    return this.#queue.length > 0
  }

  /** What the member failed of; undefined: it has not failed. */
  get failure(): unknown {
    return this.#queue.find((event) => event.kind === 'failed')?.error
  }

  /** The last event of a member; it stays, because nothing can follow it. */
  fail(error: unknown): void {
    this.#queue.push({ kind: 'failed', error })
  }

  /** The head of the queue, told again until acknowledged. */
  next(): GroupEvent | undefined {
    const event = this.#queue[0]
    if (event === undefined || event === this.#delivered) return event
    this.#delivered = event
    if (event.kind === 'assigned') this.#gain(event.active, event.standby)
    return event
  }

  /** Ends the last returned event; one that was replaced since then is ignored. A failure stays. */
  acknowledge(): void {
    const event = this.#queue[0]
    if (event === undefined || event !== this.#delivered || event.kind === 'failed') return
    this.#queue.shift()
    if (event.kind === 'revoked' || event.kind === 'lost') this.#drop(event.tasks)
  }

  #gain(active: readonly TaskId[], standby: readonly TaskId[]): void {
    for (const task of active) {
      this.#standby.delete(taskIdText(task))
      this.#active.set(taskIdText(task), task)
    }
    for (const task of standby) this.#standby.set(taskIdText(task), task)
  }

  #drop(tasks: readonly TaskId[]): void {
    for (const task of tasks) {
      this.#active.delete(taskIdText(task))
      this.#standby.delete(taskIdText(task))
    }
  }
}

function includes(tasks: readonly TaskId[], wanted: TaskId): boolean {
  return tasks.some((task) => task.subtopology === wanted.subtopology && task.partition === wanted.partition)
}
