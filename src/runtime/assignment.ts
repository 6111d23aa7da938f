import { consequenceOf, errorMessage } from '../core/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { GroupEvent, GroupMember, TaskId } from '../kafka/port.ts'
import { taskIdText } from '../kafka/port.ts'
import type { Checkpoint } from './checkpoint.ts'
import { nextTurn } from './event-loop.ts'
import type { Restorer } from './restorer.ts'
import type { TaskOpener } from './task-opener.ts'
import type { OwnedTask, TaskRegistry } from './task-registry.ts'

const retryCommitMs = 50
/**
 * A revocation keeps the whole group waiting, and a shutdown its operator: what a sink does not take for so long is written
 * by the next owner.
 */
const patienceMs = 5000

/** Carries out what the group decides: opens what is assigned, commits and closes what is revoked, drops what is lost. */
export class Assignment {
  readonly #registry: TaskRegistry
  readonly #opener: TaskOpener
  readonly #restorer: Restorer
  readonly #checkpoint: Checkpoint
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #commitTimeoutMs: number

  constructor(
    parts: {
      readonly registry: TaskRegistry
      readonly opener: TaskOpener
      readonly restorer: Restorer
      readonly checkpoint: Checkpoint
    },
    clock: Clock,
    logger: Logger,
    commitTimeoutMs: number,
  ) {
    this.#registry = parts.registry
    this.#opener = parts.opener
    this.#restorer = parts.restorer
    this.#checkpoint = parts.checkpoint
    this.#clock = clock
    this.#logger = logger
    this.#commitTimeoutMs = commitTimeoutMs
  }

  /** Handles one event of the member, if there is one, and acknowledges it. Rejects with what the member failed of. */
  async handleNext(member: GroupMember): Promise<boolean> {
    const event = member.poll()
    if (event === undefined) return false
    await this.#handle(event)
    member.acknowledge()
    return true
  }

  async #handle(event: GroupEvent): Promise<void> {
    switch (event.kind) {
      case 'assigned':
        this.#logger.info({ active: texts(event.active), standby: texts(event.standby) }, 'tasks assigned')
        await this.open(event.active, event.standby)
        return
      case 'revoked':
        this.#logger.info({ tasks: texts(event.tasks) }, 'tasks revoked')
        await this.closeCommitted(this.#owned(event.tasks), Math.min(event.deadlineMs, this.#commitTimeoutMs))
        return
      case 'lost':
        this.#logger.warn({ tasks: texts(event.tasks) }, 'tasks lost')
        await this.drop(this.#owned(event.tasks))
        return
      case 'failed':
        throw event.error
    }
  }

  #owned(ids: readonly TaskId[]): OwnedTask[] {
    return ids.flatMap((id) => this.#registry.get(id) ?? [])
  }

  async open(active: readonly TaskId[], standby: readonly TaskId[]): Promise<void> {
    // A standby that becomes active goes on from its state on disk.
    await this.drop(this.#owned([...active, ...standby]))
    const opened = [...(await this.#opener.openActive(active)), ...(await this.#opener.openStandby(standby))]
    for (const owned of opened) this.#registry.add(owned)
    await this.#restore(opened)
  }

  async #restore(opened: readonly OwnedTask[]): Promise<void> {
    const refused = await this.#restorer.add(opened)
    for (const error of refused) {
      this.#logger.warn({ task: error.details.taskId, error: error.message }, 'task corrupted')
      await this.reopenWiped(String(error.details.taskId))
    }
  }

  /** Running tasks read what else the topology reads by now. Rejects while Kafka does not answer; the next call goes on. */
  async extend(): Promise<void> {
    for (const owned of this.#registry.running) this.#registry.addInputs(owned, await this.#opener.extend(owned))
  }

  /** Deletes a task's state and restores it from its changelogs. */
  async reopenWiped(idText: string): Promise<void> {
    const owned = this.#registry.byText(idText)
    if (owned === undefined) return
    const isStandby = owned.state === 'STANDBY'
    this.#restorer.remove(owned)
    this.#registry.remove(owned)
    await this.#opener.wipe(owned)
    await this.open(isStandby ? [] : [owned.id], isStandby ? [owned.id] : [])
  }

  /**
   * Commits what runs, within the time, and closes all of it; gives up when no task could commit for a while. Returns the
   * tasks that could not commit: their next owner processes the interval again.
   * Rejects after closing when the failure may be that of other tasks too: they share the producer, and what it has lost
   * is reported once.
   */
  async closeCommitted(tasks: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]> {
    try {
      const left = await this.#commitWithin(tasks, timeoutMs)
      if (left.length > 0) this.#logger.warn({ tasks: texts(left.map(({ id }) => id)) }, 'closed without commit')
      return left
    } catch (error) {
      this.#logger.warn(
        { tasks: texts(tasks.map(({ id }) => id)), error: errorMessage(error) },
        'closed without commit',
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
    let open = tasks.filter(({ state }) => state === 'RUNNING')
    for (let leftMs = timeoutMs; open.length > 0 && leftMs > 0; ) {
      try {
        const done = await this.#checkpoint.commit(open, leftMs)
        open = open.filter((task) => !done.includes(task))
        if (done.length > 0) impatientMs = this.#clock.monotonicMs() + patienceMs
      } catch (error) {
        if (consequenceOf(error) !== 'retriable') throw error
      }
      if (open.length > 0) await this.#clock.sleep(Math.min(retryCommitMs, leftMs))
      leftMs = Math.min(deadlineMs, impatientMs) - this.#clock.monotonicMs()
    }
    return open
  }

  /** Closes without commit. */
  async drop(tasks: readonly OwnedTask[]): Promise<void> {
    for (const owned of tasks) {
      this.#restorer.remove(owned)
      this.#registry.remove(owned)
      await this.#opener.close(owned)
      // As when tasks are opened: state is synced as it is closed.
      await nextTurn()
    }
  }
}

function texts(ids: readonly TaskId[]): readonly string[] {
  return ids.map(taskIdText)
}
