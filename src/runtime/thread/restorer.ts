import type { Clock } from '../../core/clock.ts'
import { consequenceOf, errorCode, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin, Consumer, TopicPartition } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import type { RecordBatch } from '../../kafka/record-batch.ts'
import { RestoreWrites } from '../../stores/restore-writes.ts'
import { nextTurn } from '../../core/event-loop.ts'
import { BatchIntake } from './batch-intake.ts'
import { batchBefore } from './batch-prefix.ts'
import type { CommitLimits } from './commit-limits.ts'
import type { TaskChangelog } from '../task/task-draft.ts'
import type { OwnedTask } from './owned-task.ts'
import {
  corrupted,
  firstWritten,
  isWriting,
  progressOf,
  type RestoreProgress,
  type RestoringChangelog,
  storedOffset,
  unwrittenBytes,
} from './restoring-changelog.ts'

/** Bytes of records that were read and are not in a store yet, of all changelogs. */
const unwrittenBytesMax = 32 * 1024 * 1024

/** A task whose state is complete. */
export interface Restored {
  readonly owned: OwnedTask
  readonly records: number
  readonly elapsedMs: number
}

/** The changelog is not what the store was built from any more. */
const positionErrors: ReadonlySet<string | undefined> = new Set([
  'OFFSET_OUT_OF_RANGE',
  'LOG_TRUNCATED',
  'TOPIC_RECREATED',
])

/**
 * Restores stores to the end of their changelogs with its own consumer, while other tasks process. Batches are read while
 * those before them are written, of all tasks at the same time, and no more of them than `unwrittenBytesMax`.
 * Standby tasks stay here and follow the changelog. One per thread, stepped once per round; a task is here from `add`
 * until `step` returns it as complete or `remove` takes it out.
 * ```
 * changelog   start                    position         end (log end at `add`)
 *             |  restored records ...  |  to come ...   |
 * active      reads up to the end, then the task is complete
 * standby     no end; for a source topic, up to what the group has committed of it
 * ```
 * The end of an active task is fixed when it is added, since nobody but its owner writes to its changelog; for a source
 * topic that serves as changelog it is the committed offset, as the records behind it are the task's input still to be
 * processed. A store remembers its position with its rows, so that a restore continues where the last one was applied.
 *
 * A position that is not in the log any more (deleted, truncated, recreated) makes the task corrupted: its state is
 * deleted and restored from the start.
 */
export class Restorer {
  readonly #consumer: Consumer
  readonly #intake: BatchIntake
  readonly #admin: Admin
  readonly #limits: CommitLimits
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #changelogs = new Map<string, RestoringChangelog>()
  readonly #startedAtMs = new Map<OwnedTask, number>()
  readonly #records = new Map<OwnedTask, number>()
  #restoredRecords = 0
  #failure: { readonly error: unknown } | undefined

  constructor(consumer: Consumer, admin: Admin, limits: CommitLimits, clock: Clock, logger: Logger) {
    this.#consumer = consumer
    this.#intake = new BatchIntake(consumer)
    this.#admin = admin
    this.#limits = limits
    this.#clock = clock
    this.#logger = logger
  }

  /** Whether a task that is to process waits for its state. */
  get isRestoring(): boolean {
    for (const owner of this.#startedAtMs.keys()) if (owner.state === 'RESTORING') return true
    return false
  }

  /** Records restored since the start, standbys included. */
  get restoredRecords(): number {
    return this.#restoredRecords
  }

  /** No task is here: the round skips the restore phase. */
  get isIdle(): boolean {
    return this.#startedAtMs.size === 0
  }

  /**
   * Takes tasks up. Returns the errors (TASK_CORRUPTED, `details.taskId`) of those that were not taken because a store
   * cannot continue from its position: it is ahead of its changelog, or the changelog was cut beyond it.
   */
  async add(owners: readonly OwnedTask[]): Promise<readonly MillraceError[]> {
    const bounds = await this.#bounds(owners.flatMap(({ changelogs }) => changelogs))
    const refused: MillraceError[] = []
    for (const owner of owners) {
      const error = this.#firstFault(owner, bounds)
      if (error === undefined) this.#start(owner, bounds)
      else refused.push(error)
    }
    return refused
  }

  #firstFault(owner: OwnedTask, bounds: ReadonlyMap<string, Bounds>): MillraceError | undefined {
    for (const changelog of owner.changelogs) {
      const { earliest, latest } = bounds.get(partitionKey(changelog.topic, changelog.partition)) as Bounds
      const stored = owner.stores.changelogOffset(changelog.storeName)
      if (stored === undefined || (stored >= earliest && stored <= latest)) continue
      return corrupted(owner, changelog, `is at offset ${stored}, but the log goes from ${earliest} to ${latest}`)
    }
    return undefined
  }

  /** Assigns the partitions of changelogs that the stores are not at the end of. */
  #start(owner: OwnedTask, bounds: ReadonlyMap<string, Bounds>): void {
    this.#startedAtMs.set(owner, this.#clock.monotonicMs())
    this.#records.set(owner, 0)
    for (const changelog of owner.changelogs) {
      const { topic, partition, storeName } = changelog
      const { earliest, latest } = bounds.get(partitionKey(topic, partition)) as Bounds
      const endOffset = this.#endOf({ ...changelog, owner }, latest)
      const position = owner.stores.changelogOffset(storeName) ?? earliest
      if (position >= endOffset) continue
      const isLimited = changelog.isSource && owner.state === 'STANDBY'
      const writes = new RestoreWrites(owner.stores, storeName, position)
      const entry = {
        ...changelog,
        owner,
        endOffset,
        startOffset: position,
        isLimited,
        isWaiting: false,
        position,
        writes,
      }
      this.#changelogs.set(partitionKey(topic, partition), entry)
      this.#consumer.assign([{ topic, partition, offset: position }])
      if (isLimited) this.#limits.expire()
    }
  }

  /** Exclusive. */
  #endOf({ isSource, topic, partition, owner }: TaskChangelog & { owner: OwnedTask }, latest: number): number {
    if (owner.state === 'STANDBY') return Number.POSITIVE_INFINITY
    if (!isSource) return latest
    return Math.min(latest, owner.committed.get(partitionKey(topic, partition))?.offset ?? 0)
  }

  /**
   * Both ends of each changelog. The last one is that of the log, behind transactions that are still open: what a store
   * needs may be committed behind them, so that the restore waits for them. Throws CHANGELOG_MISSING (fatal).
   */
  async #bounds(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, Bounds>> {
    if (partitions.length === 0) return new Map()
    const wanted = partitions.map(({ topic, partition }) => ({ topic, partition }))
    const [earliest, latest] = await Promise.all([
      this.#admin.listOffsets(
        wanted.map((each) => ({ ...each, at: 'earliest' as const })),
        'read_committed',
      ),
      this.#admin.listOffsets(
        wanted.map((each) => ({ ...each, at: 'latest' as const })),
        'read_uncommitted',
      ),
    ])
    const first = new Map(earliest.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
    const bounds = new Map<string, Bounds>()
    for (const { topic, partition, offset } of latest) {
      const key = partitionKey(topic, partition)
      bounds.set(key, { earliest: first.get(key) ?? 0, latest: offset })
    }
    for (const { topic, partition } of partitions) {
      if (bounds.has(partitionKey(topic, partition))) continue
      throw new MillraceError(
        'CHANGELOG_MISSING',
        'fatal',
        `changelog ${topic}-${partition} has no offsets: was it deleted?`,
      )
    }
    return bounds
  }

  /**
   * Restores what has arrived; returns tasks whose state is complete, the failure of another one comes with the next
   * call.
   */
  async step(maxWaitMs: number): Promise<readonly Restored[]> {
    if (this.#startedAtMs.size === 0) return []
    this.#throwFailure()
    if (this.#changelogs.size > 0) await this.#restoreArrived(maxWaitMs)
    const complete: OwnedTask[] = []
    for (const owner of this.#startedAtMs.keys()) {
      if (owner.state === 'RESTORING' && !this.#hasOpenChangelog(owner)) complete.push(owner)
    }
    if (complete.length === 0) this.#throwFailure()
    return complete.map((owner) => this.#forget(owner))
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }

  async #restoreArrived(maxWaitMs: number): Promise<void> {
    this.#keepToLimits()
    const wasWriting = isWriting(this.#changelogs)
    let hasRead = false
    try {
      if (unwrittenBytes(this.#changelogs) < unwrittenBytesMax) {
        await this.#intake.take(wasWriting ? 0 : maxWaitMs, (batch) => {
          hasRead = true
          this.#restore(batch)
        })
      }
    } catch (caught) {
      this.#failed(this.#explained(caught))
    }
    if (wasWriting && !hasRead) await firstWritten(this.#changelogs, maxWaitMs, this.#clock)
    // What is quickly written counts in this step.
    else await nextTurn()
    for (const changelog of this.#changelogs.values()) this.#update(changelog)
  }

  /** Also without a batch: the end of a changelog may be nothing but markers. */
  #update(changelog: RestoringChangelog): void {
    const { owner, writes } = changelog
    const records = writes.takeRecords()
    this.#restoredRecords += records
    this.#records.set(owner, (this.#records.get(owner) ?? 0) + records)
    const failure = writes.takeFailure()
    if (failure !== undefined) {
      // It may have been given up meanwhile.
      if (this.#consumer.position(changelog) !== undefined) this.#consumer.seek(changelog, writes.offset)
      this.#failed(failure.error)
    }
    changelog.position = this.#consumer.position(changelog) ?? changelog.position
    if (!writes.isIdle || changelog.position < changelog.endOffset) return
    this.#changelogs.delete(partitionKey(changelog.topic, changelog.partition))
    this.#consumer.unassign([changelog])
  }

  /** What ends the thread is thrown at once: no position can be trusted. */
  #failed(error: unknown): void {
    if (consequenceOf(error) === 'fatal') throw error
    this.#failure ??= { error }
  }

  /** Standbys read no further than what is committed of topics that tasks process. */
  #keepToLimits(): void {
    const limited = [...this.#changelogs.values()].filter(({ isLimited }) => isLimited)
    this.#limits.refresh(limited)
    for (const changelog of limited) {
      const isWaiting = changelog.position >= this.#limits.of(changelog)
      if (isWaiting === changelog.isWaiting) continue
      changelog.isWaiting = isWaiting
      if (isWaiting) this.#consumer.pause([changelog])
      else this.#consumer.resume([changelog])
    }
  }

  /** Gives the part of the batch before the end to the writes of its store. */
  #restore(batch: RecordBatch): void {
    const changelog = this.#changelogs.get(partitionKey(batch.topic, batch.partition))
    if (changelog === undefined) return
    const { isLimited, position } = changelog
    const endOffset = isLimited ? Math.max(position, this.#limits.of(changelog)) : changelog.endOffset
    const part = batchBefore(batch, endOffset)
    changelog.writes.add(part)
    // The rest of it is read again once more is committed.
    if (part !== batch && isLimited) this.#consumer.seek(changelog, endOffset)
  }

  /** A lost position as TASK_CORRUPTED, with the store that it belongs to. */
  #explained(error: unknown): unknown {
    if (!positionErrors.has(errorCode(error))) return error
    const { topic, partition } = (error as MillraceError).details
    const changelog = this.#changelogs.get(partitionKey(String(topic), Number(partition)))
    if (changelog === undefined) return error
    return corrupted(
      changelog.owner,
      changelog,
      `was at offset ${changelog.position}, and the log was cut below that offset`,
    )
  }

  /** Of the tasks with changelogs: how many records their state is behind; undefined while that is not known. */
  lagsOf(tasks: readonly OwnedTask[]): ReadonlyMap<string, number | undefined> {
    const stateful = tasks.filter(({ changelogs }) => changelogs.length > 0)
    return new Map(stateful.map((owned) => [owned.idText, owned.state === 'RUNNING' ? 0 : this.#lagOf(owned)]))
  }

  #lagOf(owner: OwnedTask): number | undefined {
    if (!this.#startedAtMs.has(owner)) return undefined
    let lag = 0
    for (const changelog of this.#changelogs.values()) {
      if (changelog.owner !== owner) continue
      const end = changelog.isLimited ? this.#limits.of(changelog) : this.#consumer.endOffset(changelog)
      if (end === undefined) return undefined
      lag += Math.max(0, end - storedOffset(changelog))
    }
    return lag
  }

  #hasOpenChangelog(owner: OwnedTask): boolean {
    for (const changelog of this.#changelogs.values()) if (changelog.owner === owner) return true
    return false
  }

  /** Stops restoring a task, complete or not. */
  remove(owner: OwnedTask): void {
    if (this.#startedAtMs.has(owner)) this.#forget(owner)
  }

  #forget(owner: OwnedTask): Restored {
    for (const [key, changelog] of this.#changelogs) {
      if (changelog.owner !== owner) continue
      this.#changelogs.delete(key)
      changelog.writes.stop()
      this.#consumer.unassign([changelog])
    }
    const elapsedMs = this.#clock.monotonicMs() - (this.#startedAtMs.get(owner) ?? 0)
    const records = this.#records.get(owner) ?? 0
    this.#startedAtMs.delete(owner)
    this.#records.delete(owner)
    this.#logger.info({ task: owner.idText, records, elapsedMs }, 'restore finished')
    return { owned: owner, records, elapsedMs }
  }

  /** For the status. */
  progress(): RestoreProgress[] {
    return [...this.#changelogs.values()].map(progressOf)
  }
}

interface Bounds {
  readonly earliest: number
  readonly latest: number
}
