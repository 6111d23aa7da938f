import { consequenceOf, errorCode, errorMessage, MillraceError } from '../core/errors.ts'
import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { Consumer, GroupMember, OffsetAndMetadata, Producer } from '../kafka/port.ts'
import { partitionKey } from '../kafka/port.ts'
import type { OwnedTask } from './task-registry.ts'
import type { Task } from './task.ts'

const drainRoundsMax = 100
const defaultRetryAfterMs = 1000

/** The thread's connections that a commit goes through. */
export interface CommitChannel {
  readonly consumer: Consumer
  readonly producer: Producer
  member(): GroupMember
}

/**
 * The only commit path, revocation and shutdown included. Each early exit leaves what a restart can live with: before
 * step 5 the interval is processed again, between 5 and 6 the store is behind and replays its changelog.
 */
export class Checkpoint {
  readonly #channel: CommitChannel
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(channel: CommitChannel, clock: Clock, logger: Logger) {
    this.#channel = channel
    this.#clock = clock
    this.#logger = logger
  }

  /**
   * Commits these running tasks within the time. Returns those that are committed; the others wait (a sink did not take
   * its documents, an asynchronous outcome is not there) with all that they buffer, and the next call goes on.
   * Rejects with what the thread must act on; a store that could not be written is told by the next call for its task.
   */
  async commit(owned: readonly OwnedTask[], timeoutMs: number): Promise<readonly OwnedTask[]> {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    const leftMs = () => Math.max(1, deadlineMs - this.#clock.monotonicMs())

    // 1 what is pending inside goes downstream: asynchronous outcomes, record caches
    // 2 sinks: everything that was added is written, or the task waits
    const emitted: OwnedTask[] = []
    for (const one of owned) {
      if (one.task === undefined) continue
      if (await this.#attempt(one, () => this.#emitPending(one.task as Task, leftMs))) emitted.push(one)
    }
    const ready = await this.#flushed(emitted, leftMs)
    if (ready.length === 0) return ready

    // 3 one changelog record per dirty key, once the last interval is in the store
    await Promise.all(ready.map((one) => one.applying))
    for (const { stores } of ready) stores.logDirty()

    // 4 every output, changelog record and dead letter is acknowledged
    await this.#flushProducer(leftMs())

    // 5 offsets
    const offsets = ready.flatMap((one) => this.#newOffsets(one))
    if (offsets.length > 0) await this.#channel.consumer.commit(offsets, this.#channel.member().metadata(), leftMs())
    for (const one of ready) remember(one, offsets)

    // 6 the interval's writes and their changelog offsets, one atomic write a task, beside the next interval
    for (const one of ready) {
      one.apply(this.#changelogOffsets(one))
      one.task?.committed()
    }
    return ready
  }

  /** False when the task has to wait: retriable for this task alone. */
  async #attempt(one: OwnedTask, step: () => Promise<void>): Promise<boolean> {
    try {
      await step()
      return true
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      const retryAfterMs = (error as MillraceError).details?.['retryAfterMs']
      one.commitNotBeforeMs =
        this.#clock.monotonicMs() + (typeof retryAfterMs === 'number' ? retryAfterMs : defaultRetryAfterMs)
      this.#logger.warn({ task: one.idText, code: errorCode(error), reason: errorMessage(error) }, 'commit waits')
      return false
    }
  }

  async #emitPending(task: Task, leftMs: () => number): Promise<void> {
    for (let round = 0; round < drainRoundsMax; round++) {
      for (const operator of task.asyncOperators) {
        if (operator.pending() > 0) await task.drain(operator, leftMs())
      }
      task.emitPending()
      await task.collector.settle(leftMs())
      if (task.asyncOperators.every((operator) => operator.pending() === 0)) return
    }
    throw new MillraceError('ASYNC_NOT_DRAINED', 'retriable', `task ${task.idText} keeps making asynchronous records`)
  }

  /** The sinks of all tasks write at a time. Those tasks whose sinks took everything. */
  async #flushed(emitted: readonly OwnedTask[], leftMs: () => number): Promise<readonly OwnedTask[]> {
    const outcomes = await Promise.allSettled(
      emitted.map((one) => this.#attempt(one, () => this.#flushSinks(one.task as Task, leftMs))),
    )
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error
    return emitted.filter((_, index) => (outcomes[index] as PromiseFulfilledResult<boolean>).value)
  }

  async #flushSinks(task: Task, leftMs: () => number): Promise<void> {
    await Promise.all(Array.from(task.sinks.values(), (sink) => sink.flush(leftMs())))
    await task.collector.settle(leftMs())
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
    const positions = (one.task as Task).positions((input) => this.#channel.consumer.position(input))
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
