import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { OffsetAndMetadata, Producer } from '../../kafka/port.ts'
import { within } from '../../core/within.ts'
import { partitionKey } from '../../kafka/port.ts'
import { Turns } from '../../core/event-loop.ts'
import type { GroupChannel, PauseWatch } from './pause-watch.ts'
import type { CommitMode } from './commit-mode.ts'
import type { OwnedTask } from './owned-task.ts'
import type { Task } from '../task/task.ts'

const drainRoundsMax = 100
/**
 * How long a commit waits for work of one task (asynchronous calls, topic lookups); the other tasks continue after
 * that.
 */
const drainWaitMs = 20
/** The same once the task is known to wait: the others are processed in between. */
const drainAgainWaitMs = 2
/**
 * How long a commit waits until a task's last interval is written; that write runs while the current interval is
 * processed.
 */
const storedWaitMs = 1000
/** Changelog rows between two looks at the clock and at the room in the producer. */
const rowsPerLook = 1024

/** The thread's connections that a commit goes through. */
export interface CommitChannel extends GroupChannel {
  readonly producer: Producer
}

/**
 * The only commit path, also for revocation and shutdown. A restart can continue after every early exit: before step 5
 * the interval is processed again, between 5 and 6 the store is behind and replays its changelog. No changelog is ever
 * ahead of the outputs: the records that a store remembers, such as the ids of a deduplication, were delivered (ADR
 * 13).
 */
export class Checkpoint {
  readonly #channel: CommitChannel
  readonly #mode: CommitMode
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #taskTimeoutMs: number
  readonly #turns: Turns
  readonly #pauses: PauseWatch

  constructor(
    channel: CommitChannel,
    mode: CommitMode,
    pauses: PauseWatch,
    taskTimeoutMs: number,
    clock: Clock,
    logger: Logger,
  ) {
    this.#channel = channel
    this.#mode = mode
    this.#pauses = pauses
    this.#taskTimeoutMs = taskTimeoutMs
    this.#turns = new Turns(clock)
    this.#clock = clock
    this.#logger = logger
  }

  /**
   * Commits these running tasks within the time. Returns the committed ones; the others keep their buffers and wait (a
   * sink did not accept its documents, an asynchronous call is pending, local state could not be written), and the next
   * call continues with them. Rejects with errors that the thread must handle. If a local write of step 6 fails, the
   * next commit of that task rejects with that error.
   */
  async commit(owned: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    const leftMs = () => Math.max(1, deadlineMs - this.#clock.monotonicMs())
    await this.#pauses.look(owned, leftMs())

    // 1 pending records are forwarded downstream: results of asynchronous calls, record caches
    const active = owned.filter(({ task, isHalfDone }) => task !== undefined && !isHalfDone)
    const emitted = await this.#attempted(active, (one) => this.#emitPending(one, leftMs))

    // 2 sinks: every added document is written, or the task waits; it also waits until its last interval is stored
    const written = await this.#attempted(emitted, (one) => this.#flushSinks(one.task as Task, leftMs))
    const stored = await this.#attempted(written, (one) => this.#stored(one, Math.min(storedWaitMs, leftMs())))
    const ready = this.#mode.admitted(stored, active)
    if (ready.length === 0) return ready
    try {
      await this.#end(ready, leftMs)
    } catch (error) {
      throw this.#mode.failure(error)
    }

    // 6 the interval's writes and their changelog offsets, one atomic write per task, concurrent with the next interval
    for (const one of ready) {
      one.apply(this.#changelogOffsets(one))
      one.task?.committed()
      const waited = one.commitWait.end(this.#clock.monotonicMs())
      if (waited !== undefined) this.#logger.info({ task: one.idText, ...waited }, 'deferred commit succeeded')
      await this.#turns.next()
    }
    return ready
  }

  /** Steps 3 to 5: from here on nothing can be left out, and nothing done twice. */
  async #end(ready: readonly OwnedTask[], leftMs: () => number): Promise<void> {
    // 3 every output and dead letter is acknowledged
    if (this.#mode.outputsFirst) await this.#flushProducer(leftMs())
    await this.#pauses.look(ready, leftMs())

    // 4 one changelog record per changed key, and what closed on idle input; acknowledged too
    await this.#logDirty(ready, leftMs)
    for (const { task } of ready) task?.writeClosings(this.#channel.producer, this.#channel.member().metadata())
    if (this.#mode.outputsFirst) await this.#flushProducer(leftMs())

    // 5 offsets
    const changed = ready.flatMap((one) => this.#newOffsets(one))
    const offsets = changed.length === 0 && this.#mode.needsOffsets ? this.#allOffsets(ready) : changed
    await this.#mode.commit(offsets, leftMs())
    for (const one of ready) remember(one, offsets)
  }

  /** Runs the step for all tasks concurrently. Returns the tasks whose step succeeded; the others wait. */
  async #attempted(
    owned: readonly OwnedTask[],
    step: (one: OwnedTask) => Promise<void>,
  ): Promise<readonly OwnedTask[]> {
    const attempts: Promise<boolean>[] = []
    for (const one of owned) {
      const attempt = this.#attempt(one, () => step(one))
      // Awaited below, once all have begun.
      attempt.catch(() => {})
      attempts.push(attempt)
      await this.#turns.next()
    }
    const outcomes = await Promise.allSettled(attempts)
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error
    return owned.filter((_, index) => (outcomes[index] as PromiseFulfilledResult<boolean>).value)
  }

  /** False when the task has to wait: retriable for this task alone. */
  async #attempt(one: OwnedTask, step: () => Promise<void>): Promise<boolean> {
    try {
      await step()
      return true
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      const tries = one.commitWait.begin(error, this.#clock.monotonicMs(), this.#taskTimeoutMs)
      const fields = { task: one.idText, code: errorCode(error), reason: errorMessage(error), tries }
      if (Number.isInteger(Math.log2(tries))) this.#logger.warn(fields, 'commit deferred, retrying')
      return false
    }
  }

  async #emitPending(one: OwnedTask, leftMs: () => number): Promise<void> {
    const task = one.task as Task
    const waitMs = () => Math.min(one.commitWait.notBeforeMs === undefined ? drainWaitMs : drainAgainWaitMs, leftMs())
    for (let round = 0; round < drainRoundsMax; round++) {
      for (const operator of task.asyncOperators) {
        if (operator.pending() > 0) await task.drain(operator, waitMs())
      }
      task.emitPending()
      await task.collector.settle(waitMs())
      if (task.asyncOperators.every((operator) => operator.pending() === 0)) return
    }
    throw new MillraceError(
      'ASYNC_NOT_DRAINED',
      'retriable',
      `task ${task.idText} still has asynchronous results to emit`,
    )
  }

  async #flushSinks(task: Task, leftMs: () => number): Promise<void> {
    await Promise.all(Array.from(task.sinks.values(), (sink) => sink.flush(leftMs())))
    await task.collector.settle(Math.min(drainWaitMs, leftMs()))
  }

  /** The last interval is in local state: its changelog offset must not be overtaken by this one's. */
  #stored(one: OwnedTask, timeoutMs: number): Promise<void> {
    const late = () =>
      new MillraceError(
        'STORE_WRITE_SLOW',
        'retriable',
        `task ${one.idText} did not write its state within ${timeoutMs} ms`,
      )
    return within(this.#clock, one.applied(), timeoutMs, late)
  }

  async #logDirty(ready: readonly OwnedTask[], leftMs: () => number): Promise<void> {
    const { producer } = this.#channel
    for (const { stores } of ready) {
      for (let isDone = false; !isDone; ) {
        isDone = stores.logDirty(rowsPerLook)
        if (producer.isFull) await this.#flushProducer(leftMs())
        await this.#turns.next()
        await this.#pauses.look(ready, leftMs())
      }
    }
  }

  async #flushProducer(timeoutMs: number): Promise<void> {
    try {
      await this.#channel.producer.flush(timeoutMs)
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      // A record is lost, and a second flush would not know: only processing the interval again brings it back.
      const { ofUndelivered } = this.#mode
      throw new MillraceError('OUTPUT_NOT_DELIVERED', ofUndelivered, 'output was not acknowledged in time', {
        cause: error,
      })
    }
  }

  /**
   * Positions that the group does not have yet; a partition that was never read keeps where it began. All of them where
   * something is released after the commit: an owner that is none any more must hear of it from the group.
   */
  #newOffsets(one: OwnedTask): OffsetAndMetadata[] {
    const task = one.task as Task
    const positions = task.positions(this.#channel.consumer)
    if (task.releases) return positions
    return positions.filter(({ topic, partition, offset, metadata }) => {
      const known = one.committed.get(partitionKey(topic, partition))
      return known?.offset !== offset || known.metadata !== metadata
    })
  }

  #allOffsets(ready: readonly OwnedTask[]): OffsetAndMetadata[] {
    return ready.flatMap(({ task }) => task?.positions(this.#channel.consumer) ?? [])
  }

  #changelogOffsets(one: OwnedTask): ReadonlyMap<string, number> {
    const offsets = new Map<string, number>()
    for (const { storeName, topic, partition, isSource } of one.changelogs) {
      const offset = isSource
        ? one.committed.get(partitionKey(topic, partition))?.offset
        : this.#channel.producer.acknowledgedOffset(topic, partition)
      const restored = one.stores.changelogOffset(storeName)
      if (offset !== undefined && (restored === undefined || offset > restored)) offsets.set(storeName, offset)
    }
    return offsets
  }
}

function remember(one: OwnedTask, offsets: readonly OffsetAndMetadata[]): void {
  for (const offset of offsets) {
    if (one.task?.reads(offset.topic, offset.partition)) one.noteCommitted(offset)
  }
}
