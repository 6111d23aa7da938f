import { consequenceOf, errorMessage } from '../../core/errors.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { GroupEvent, GroupMember, TaskId } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { CommitMode } from './commit-mode.ts'
import { nextTurn } from '../../core/event-loop.ts'
import { type OpeningTask, OpeningTasks } from './opening-tasks.ts'
import type { Restorer } from './restorer.ts'
import { Retry } from './retry.ts'
import type { Settings } from '../settings.ts'
import type { TaskLifecycle } from './task-lifecycle.ts'
import type { OwnedTask } from './owned-task.ts'
import type { TaskRegistry } from './task-registry.ts'
import type { TaskStorage } from './task-storage.ts'

const retryCommitMs = 50
/**
 * A revocation keeps the whole group waiting, and a shutdown its operator: what a sink does not take for so long is
 * written by the next owner.
 */
const patienceMs = 5000

/**
 * Carries out what the group decides: opens what is assigned, commits and closes what is revoked, drops what is lost.
 * `StreamThread` calls it between its phases, `Recovery` after an error; one call ends before the next begins, so that
 * no task is opened and closed at once.
 *
 * ```
 * assigned  -> OpeningTasks -> open -> RESTORING, in the Restorer -> begin -> RUNNING
 *              ^                 |           |                        |
 *              +--- retried -----+-----------+------- wiped ----------+
 * revoked   -> commit, close          lost -> close          failed -> thrown
 * ```
 * A task whose opening failed temporarily does not hold the others up. The event is acknowledged only when
 * its tasks are in their new state: a revocation therefore ends with a commit.
 */
export class Assignment {
  readonly #registry: TaskRegistry
  readonly #lifecycle: TaskLifecycle
  readonly #storage: TaskStorage
  readonly #restorer: Restorer
  readonly #checkpoint: Checkpoint
  readonly #mode: CommitMode
  readonly #opening: OpeningTasks
  readonly #extending: Retry
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #commitTimeoutMs: number

  constructor(
    parts: {
      readonly registry: TaskRegistry
      readonly lifecycle: TaskLifecycle
      readonly storage: TaskStorage
      readonly restorer: Restorer
      readonly checkpoint: Checkpoint
      readonly mode: CommitMode
    },
    clock: Clock,
    logger: Logger,
    settings: Settings,
  ) {
    this.#registry = parts.registry
    this.#lifecycle = parts.lifecycle
    this.#storage = parts.storage
    this.#restorer = parts.restorer
    this.#checkpoint = parts.checkpoint
    this.#mode = parts.mode
    this.#clock = clock
    this.#logger = logger
    this.#commitTimeoutMs = settings.commitTimeoutMs
    this.#opening = new OpeningTasks(settings.taskTimeoutMs, clock, logger)
    this.#extending = new Retry('new topics could not be read', settings.taskTimeoutMs, clock, logger)
  }

  /** Handles one event of the member, if there is one, and acknowledges it. Rejects with what the member failed of. */
  async handleNext(member: GroupMember): Promise<boolean> {
    const event = member.poll()
    if (event === undefined) return false
    await this.#handle(event)
    member.acknowledge()
    return true
  }

  /** Rejects where the thread has to act: `failed`, and what a commit or close could not do. */
  async #handle(event: GroupEvent): Promise<void> {
    switch (event.kind) {
      case 'assigned':
        this.#logger.info({ active: texts(event.active), standby: texts(event.standby) }, 'tasks assigned')
        await this.open(event.active, event.standby)
        return
      case 'revoked':
        this.#logger.info({ tasks: texts(event.tasks) }, 'tasks revoked')
        this.#forget(event.tasks)
        await this.closeCommitted(this.#owned(event.tasks), Math.min(event.deadlineMs, this.#commitTimeoutMs))
        return
      case 'lost':
        this.#logger.warn({ tasks: texts(event.tasks) }, 'tasks lost without a commit, joining the group again')
        this.#forget(event.tasks)
        await this.drop(this.#owned(event.tasks))
        return
      case 'failed':
        throw event.error
    }
  }

  /** Those of the tasks that the thread has; others were never opened, or are closed already. */
  #owned(ids: readonly TaskId[]): OwnedTask[] {
    return ids.flatMap((id) => this.#registry.get(id) ?? [])
  }

  #forget(ids: readonly TaskId[]): void {
    for (const id of ids) this.#opening.forget(id)
  }

  /** How many tasks are assigned that could not be opened so far. */
  get opening(): number {
    return this.#opening.waiting
  }

  /** Rejects with what no retry mends; a task whose opening failed temporarily follows with `openWaiting`. */
  async open(active: readonly TaskId[], standby: readonly TaskId[]): Promise<void> {
    // A standby task that becomes active continues from its state on disk.
    await this.drop(this.#owned([...active, ...standby]))
    for (const id of active) this.#opening.add(id, 'active')
    for (const id of standby) this.#opening.add(id, 'standby')
    await this.openWaiting()
  }

  /** Opens the tasks whose time has come. */
  async openWaiting(): Promise<void> {
    const due = this.#opening.due()
    if (due.length === 0) return
    await this.#openAll(due.filter(({ role }) => role === 'active'))
    await this.#openAll(due.filter(({ role }) => role === 'standby'))
  }

  /** Opens tasks of one role. One that fails is closed and tried again; what no retry mends rejects. */
  async #openAll(tasks: readonly OpeningTask[]): Promise<void> {
    if (tasks.length === 0) return
    const { opened, refused } = await this.#lifecycle.open(tasks)
    // In the registry at once: whoever fails beyond here closes them.
    for (const owned of opened) this.#registry.add(owned)
    for (const { id, error } of refused) this.#opening.failed(id, error)
    try {
      await this.#restore(opened)
    } catch (error) {
      if (consequenceOf(error) === 'task-corrupted')
        for (const { id } of this.#storage.ownersOf(error, opened)) this.#storage.noteDamaged(id)
      await this.drop(opened)
      for (const { id } of opened) this.#opening.failed(id, error)
    }
  }

  /** Hands opened tasks to the restorer; those whose state does not fit their changelog are wiped and opened again. */
  async #restore(opened: readonly OwnedTask[]): Promise<void> {
    const refused = await this.#restorer.add(opened)
    for (const { id } of opened) this.#opening.opened(id)
    for (const error of refused) {
      this.#logger.warn(
        { task: error.details.taskId, error: error.message },
        'task corrupted: deleting its state, then restoring it',
      )
    }
    const ids = refused.map(({ details }) => String(details.taskId))
    await this.#reopenWiped(ids.flatMap((id) => this.#registry.byText(id) ?? []))
  }

  /** Starts a task whose state is complete; false when that failed and the task is opened again later. */
  async begin(owned: OwnedTask): Promise<boolean> {
    try {
      this.#lifecycle.start(owned)
      this.#registry.startRunning(owned)
      this.#opening.forget(owned.id)
      return true
    } catch (error) {
      // Its operators may have sent something before that.
      if (consequenceOf(error) === 'task-corrupted') {
        await this.#reopenWiped([owned], [owned])
        return false
      }
      await this.drop([owned], [owned])
      this.#opening.failed(owned.id, error)
      return false
    }
  }

  /** Tasks that an error has left half done begin again at their last commit. Throws what no retry mends. */
  async takeBackHalfDone(): Promise<void> {
    const halfDone = this.#registry.running.filter(({ isHalfDone }) => isHalfDone)
    if (halfDone.length > 0) await this.#takeBack(await this.#undo(halfDone))
  }

  /** The transaction is lost: all tasks begin again at their last commit. Throws what no retry mends. */
  async takeBackAll(): Promise<void> {
    await this.#undo(this.#registry.running)
    await this.#takeBack(this.#registry.running)
  }

  /** Tasks that hold up the commits of the others begin again at their last commit, and wait there for a while. */
  async suspend(tasks: readonly OwnedTask[]): Promise<void> {
    const waiting = tasks.map((owned) => ({ owned, trouble: owned.commitWait.trouble }))
    await this.#takeBack(await this.#undo(tasks))
    for (const { owned, trouble } of waiting) {
      if (owned.state !== 'RUNNING') continue
      const forMs = owned.commitWait.suspend(this.#clock.monotonicMs())
      const fields = { task: owned.idText, code: trouble?.code, forMs }
      this.#logger.warn(fields, 'task suspended: it kept the other tasks of its thread from committing')
    }
  }

  /** Those of the running tasks that cannot keep what they did when these must not. */
  #undo(tasks: readonly OwnedTask[]): Promise<readonly OwnedTask[]> {
    return this.#mode.undo(tasks, this.#registry.running, this.#commitTimeoutMs)
  }

  /**
   * Also those that come after one that fails: what they have sent is undone too, and nobody would tell them later.
   * Throws what no retry mends.
   */
  async #takeBack(tasks: readonly OwnedTask[]): Promise<void> {
    const failures: unknown[] = []
    for (const owned of tasks) await this.#takeBackOne(owned).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures.find((error) => consequenceOf(error) !== 'task-corrupted') ?? failures[0]
  }

  async #takeBackOne(owned: OwnedTask): Promise<void> {
    // One that failed may have closed it, as another of its transaction.
    if (owned.state !== 'RUNNING') return
    try {
      await this.#lifecycle.takeBack(owned)
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      this.#opening.add(owned.id, 'active')
      // Its operators may have sent something while they opened again.
      await this.drop([owned])
      this.#opening.failed(owned.id, error)
    }
  }

  /**
   * Running tasks read what else the topology reads by now; while Kafka does not answer they continue with their
   * current inputs.
   */
  async extend(): Promise<void> {
    await this.#extending.attempt(async () => {
      for (const owned of this.#registry.running) {
        this.#registry.removeInputs(owned, this.#lifecycle.shorten(owned))
        this.#registry.addInputs(owned, await this.#lifecycle.extend(owned))
      }
    })
  }

  /**
   * Deletes the state that an error is about and restores it from its changelogs; all state when the error names none.
   */
  async reopenDamaged(error: unknown): Promise<void> {
    await this.#reopenWiped(this.#storage.ownersOf(error, this.#registry.all))
  }

  /**
   * Deletes the state of tasks and restores it from its changelogs. All of them are closed before one is opened, which
   * may fail.
   */
  async #reopenWiped(tasks: readonly OwnedTask[], sending = runningOf(tasks)): Promise<void> {
    const others = await this.#othersUndone(tasks, sending)
    for (const owned of tasks) {
      this.#restorer.remove(owned)
      this.#registry.remove(owned)
      this.#opening.add(owned.id, owned.state === 'STANDBY' ? 'standby' : 'active')
      await this.#lifecycle.wipe(owned)
    }
    await this.#takeBack(others)
    if (tasks.length > 0) await this.openWaiting()
  }

  /**
   * Commits what runs, within the time, and closes all of it; gives up when no task could commit for a while. Returns
   * the tasks that could not commit: their next owner processes the interval again. Rejects after closing when the
   * failure may be that of other tasks too: they share the producer, and what it has lost is reported once.
   */
  async closeCommitted(tasks: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]> {
    try {
      const left = await this.#commitWithin(tasks, timeoutMs)
      if (left.length > 0)
        this.#logger.warn(
          { tasks: texts(left.map(({ id }) => id)) },
          'tasks closed without a commit: their last interval is processed again by the next owner',
        )
      return left
    } catch (error) {
      this.#logger.warn(
        { tasks: texts(tasks.map(({ id }) => id)), error: errorMessage(error) },
        'tasks closed without a commit: their last interval is processed again by the next owner',
      )
      throw error
    } finally {
      await this.drop(tasks)
    }
  }

  /** Returns the tasks that could not commit in time. */
  async #commitWithin(tasks: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    let impatientMs = this.#clock.monotonicMs() + patienceMs
    const running = tasks.filter(({ state, commitWait }) => state === 'RUNNING' && !commitWait.isSuspended)
    // What is half done is processed again by the next owner.
    const left = running.filter(({ isHalfDone }) => isHalfDone)
    let open = running.filter(({ isHalfDone }) => !isHalfDone)
    for (let leftMs = timeoutMs; open.length > 0 && leftMs > 0; ) {
      const together = this.#mode.together(open, this.#registry.running, this.#clock.monotonicMs())
      // Nobody commits before that is undone, which is no commit.
      if (together.length === 0 && this.#registry.running.some(({ isHalfDone }) => isHalfDone)) break
      try {
        const done = await this.#checkpoint.commit(together, leftMs)
        open = open.filter((task) => !done.includes(task))
        left.push(...open.filter(({ isHalfDone }) => isHalfDone))
        open = open.filter(({ isHalfDone }) => !isHalfDone)
        if (done.length > 0) impatientMs = this.#clock.monotonicMs() + patienceMs
      } catch (error) {
        open = this.#withoutDamaged(open, error)
      }
      if (open.length > 0) await this.#clock.sleep(Math.min(retryCommitMs, leftMs))
      leftMs = Math.min(deadlineMs, impatientMs) - this.#clock.monotonicMs()
    }
    return [...left, ...open]
  }

  /** Those whose commit may still go through after an error. Throws what is not one task's alone. */
  #withoutDamaged(tasks: readonly OwnedTask[], error: unknown): OwnedTask[] {
    const consequence = consequenceOf(error)
    if (consequence === 'retriable') return [...tasks]
    if (consequence !== 'task-corrupted') throw error
    const damaged = this.#storage.ownersOf(error, tasks)
    const others = tasks.filter((owned) => !damaged.includes(owned))
    if (this.#mode.admitted(others, tasks).length === 0) throw error
    for (const { id } of damaged) this.#storage.noteDamaged(id)
    return others
  }

  /** Closes without commit. Other tasks that had a part in a transaction with them begin again at their last commit. */
  async drop(tasks: readonly OwnedTask[], sending = runningOf(tasks)): Promise<void> {
    let others: readonly OwnedTask[] = []
    try {
      others = await this.#othersUndone(tasks, sending)
    } finally {
      await this.#close(tasks)
    }
    await this.#takeBack(others)
  }

  /** Undoes what those of the tasks that are `sending` have sent. Returns the other tasks that begin again because of that. */
  async #othersUndone(tasks: readonly OwnedTask[], sending: readonly OwnedTask[]): Promise<readonly OwnedTask[]> {
    const undone = await this.#undo(sending)
    return undone.filter((owned) => !tasks.includes(owned))
  }

  async #close(tasks: readonly OwnedTask[]): Promise<void> {
    for (const owned of tasks) {
      this.#restorer.remove(owned)
      this.#registry.remove(owned)
      await this.#lifecycle.close(owned)
      // As when tasks are opened: state is synced as it is closed.
      await nextTurn()
    }
  }

  /**
   * Closes everything without commit, and opens nothing that was to be: the membership has ended, or the thread has.
   */
  async dropAll(): Promise<void> {
    this.#opening.forgetAll()
    await this.#close(this.#registry.all)
  }
}

/** What is not running sends nothing. */
function runningOf(tasks: readonly OwnedTask[]): readonly OwnedTask[] {
  return tasks.filter(({ state }) => state === 'RUNNING')
}

function texts(ids: readonly TaskId[]): readonly string[] {
  return ids.map(taskIdText)
}
