import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { OffsetAndMetadata, Producer } from '../../kafka/port.ts'
import { within } from '../../core/within.ts'
import { partitionKey } from '../../kafka/port.ts'
import { Turns } from '../event-loop.ts'
import type { GroupChannel, PauseWatch } from './pause-watch.ts'
import type { OwnedTask } from './task-registry.ts'
import type { Task } from '../task/task.ts'

const drainRoundsMax = 100
/** How long a commit waits for what is a task's own (asynchronous calls, topics looked up); the others go on after that. */
const drainWaitMs = 20
/** The same once the task is known to wait: the others are processed in between. */
const drainAgainWaitMs = 2
/** How long a commit waits for the last interval of a task to be written; it was written beside the present one. */
const storedWaitMs = 1000
/** Changelog rows between two looks at the clock and at the room in the producer. */
const rowsPerLook = 1024

/** The thread's connections that a commit goes through. */
export interface CommitChannel extends GroupChannel {
  readonly producer: Producer
}

/**
 * The only commit path, revocation and shutdown included. Each early exit leaves what a restart can live with: before
 * step 5 the interval is processed again, between 5 and 6 the store is behind and replays its changelog. No changelog is
 * ever ahead of the outputs: what a store remembers, such as the ids that a dedupe has seen, was delivered (ADR 13).
 */
export class Checkpoint {
  readonly #channel: CommitChannel
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #taskTimeoutMs: number
  readonly #turns: Turns
  readonly #pauses: PauseWatch

  constructor(channel: CommitChannel, pauses: PauseWatch, taskTimeoutMs: number, clock: Clock, logger: Logger) {
    this.#channel = channel
    this.#pauses = pauses
    this.#taskTimeoutMs = taskTimeoutMs
    this.#turns = new Turns(clock)
    this.#clock = clock
    this.#logger = logger
  }

  /**
   * Commits these running tasks within the time. Returns those that are committed; the others wait (a sink did not take
   * its documents, an asynchronous outcome is not there, local state could not be written) with all that they buffer, and
   * the next call goes on. Rejects with what the thread must act on.
   */
  async commit(owned: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    const leftMs = () => Math.max(1, deadlineMs - this.#clock.monotonicMs())
    await this.#pauses.look(owned, leftMs())

    // 1 what is pending inside goes downstream: asynchronous outcomes, record caches
    const active = owned.filter(({ task, isHalfDone }) => task !== undefined && !isHalfDone)
    const emitted = await this.#attempted(active, (one) => this.#emitPending(one, leftMs))

    // 2 sinks: everything that was added is written, or the task waits; so it does while its last interval is not stored
    const written = await this.#attempted(emitted, (one) => this.#flushSinks(one.task as Task, leftMs))
    const ready = await this.#attempted(written, (one) => this.#stored(one, Math.min(storedWaitMs, leftMs())))
    if (ready.length === 0) return ready

    // 3 every output and dead letter is acknowledged
    await this.#flushProducer(leftMs())
    await this.#pauses.look(ready, leftMs())

    // 4 one changelog record per dirty key, acknowledged as well
    await this.#logDirty(ready, leftMs)
    await this.#flushProducer(leftMs())

    // 5 offsets
    const offsets = ready.flatMap((one) => this.#newOffsets(one))
    if (offsets.length > 0) await this.#channel.consumer.commit(offsets, this.#channel.member().metadata(), leftMs())
    for (const one of ready) remember(one, offsets)

    // 6 the interval's writes and their changelog offsets, one atomic write a task, beside the next interval
    for (const one of ready) {
      one.apply(this.#changelogOffsets(one))
      one.task?.committed()
      one.commitWait.end()
      await this.#turns.next()
    }
    return ready
  }

  /** All at a time. Those tasks whose step went through; the others wait. */
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
      if (Number.isInteger(Math.log2(tries))) this.#logger.warn(fields, 'commit deferred')
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
    throw new MillraceError('ASYNC_NOT_DRAINED', 'retriable', `task ${task.idText} keeps making asynchronous records`)
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
      throw new MillraceError('OUTPUT_NOT_DELIVERED', 'task-migrated', 'output was not acknowledged in time', {
        cause: error,
      })
    }
  }

  /** Positions that the group does not have yet; a partition that was never read keeps where it began. */
  #newOffsets(one: OwnedTask): OffsetAndMetadata[] {
    const positions = (one.task as Task).positions(this.#channel.consumer)
    return positions.filter(({ topic, partition, offset, metadata }) => {
      const known = one.committed.get(partitionKey(topic, partition))
      return known?.offset !== offset || known.metadata !== metadata
    })
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
    const key = partitionKey(offset.topic, offset.partition)
    if (one.task?.reads(offset.topic, offset.partition)) one.committed.set(key, offset)
  }
}
