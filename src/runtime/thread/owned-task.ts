import { consequenceOf } from '../../core/errors.ts'
import { StateMachine } from '../../core/state-machine.ts'
import type { Transitions } from '../../core/state-machine.ts'
import type { Consumer, OffsetAndMetadata, TaskId, TopicPartition } from '../../kafka/port.ts'
import { partitionKey, taskIdText } from '../../kafka/port.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import { CommitWait } from './commit-wait.ts'
import type { PassingTrouble } from './patience.ts'
import type { Retry } from './retry.ts'
import type { TaskChangelog } from '../task/task-draft.ts'
import type { Task } from '../task/task.ts'

/**
 * ```
 *            open             start            close, wipe
 * assigned --------> RESTORING -----> RUNNING -------------> CLOSED
 *         \              \       extend, shorten, takeBack     /
 *          \              \_________ close, wipe _____________/
 *           \  open                                           /
 *            `-----> STANDBY -------- close, wipe ------------'
 * ```
 * The verbs are those of `TaskLifecycle`. A closed task never comes back: it is opened as another `OwnedTask`.
 */
export type TaskState = 'RESTORING' | 'RUNNING' | 'STANDBY' | 'CLOSED'

const transitions: Transitions<TaskState> = {
  RESTORING: ['RUNNING', 'CLOSED'],
  RUNNING: ['CLOSED'],
  STANDBY: ['CLOSED'],
  CLOSED: [],
}

const nowhere = { topic: '', partition: -1, offset: -1 }

/** Steps other than a commit that may fail and are retried. */
export type TaskStep = 'read' | 'process' | 'punctuate' | 'forward results' | 'release'

/**
 * A task with its standing in a thread. Made by `TaskLifecycle`, listed by `TaskRegistry`; the phases of the thread read
 * it, and change it by its verbs only. Its stores stay the same until it is closed, its `task` is another one after
 * `renew`.
 */
export class OwnedTask {
  readonly id: TaskId
  readonly idText: string
  readonly stores: TaskStores
  readonly changelogs: readonly TaskChangelog[]
  readonly commitWait: CommitWait
  readonly #committed = new Map<string, OffsetAndMetadata>()
  /** Keys of inputs that are paused because enough of them is buffered here. */
  readonly #paused = new Set<string>()
  #topicsVersion = 0
  readonly #state: StateMachine<TaskState>
  #task: Task | undefined
  #isSettled = false
  /** Of steps that failed with a retriable error, and where. */
  readonly #retries = new Map<TaskStep, { readonly place: string; readonly retry: Retry }>()
  #applying: Promise<void> = Promise.resolve()

  constructor(
    id: TaskId,
    task: Task | undefined,
    stores: TaskStores,
    changelogs: readonly TaskChangelog[],
    committed: readonly OffsetAndMetadata[],
  ) {
    this.id = id
    this.idText = taskIdText(id)
    this.commitWait = new CommitWait(this.idText)
    this.#task = task
    this.stores = stores
    this.changelogs = changelogs
    for (const offset of committed) this.noteCommitted(offset)
    this.#state = new StateMachine(`task ${this.idText}`, task === undefined ? 'STANDBY' : 'RESTORING', transitions)
  }

  get state(): TaskState {
    return this.#state.state
  }

  /** undefined for a standby. */
  get task(): Task | undefined {
    return this.#task
  }

  /** What the group has committed for each input, as last read or written here; by partition key. */
  get committed(): ReadonlyMap<string, OffsetAndMetadata> {
    return this.#committed
  }

  /** Read when the task was opened, or written by a commit just now. */
  noteCommitted(offset: OffsetAndMetadata): void {
    this.#committed.set(partitionKey(offset.topic, offset.partition), offset)
  }

  /** The version of the source topics that its inputs are of. */
  get topicsVersion(): number {
    return this.#topicsVersion
  }

  /** Its inputs are those of this version. */
  noteTopics(version: number): void {
    this.#topicsVersion = version
  }

  /** Some input is paused, because enough of it is buffered. */
  get hasPaused(): boolean {
    return this.#paused.size > 0
  }

  /** Enough of this input is buffered. */
  pause(input: TopicPartition, consumer: Consumer): void {
    this.#paused.add(partitionKey(input.topic, input.partition))
    consumer.pause([input])
  }

  /** Does nothing where the input is not paused. */
  resume(input: TopicPartition, consumer: Consumer): void {
    if (this.#paused.delete(partitionKey(input.topic, input.partition))) consumer.resume([input])
  }

  /** The task no longer reads this input. */
  forget({ topic, partition }: TopicPartition): void {
    const key = partitionKey(topic, partition)
    this.#committed.delete(key)
    this.#paused.delete(key)
  }

  /** A retriable error interrupted a step: the interval must not continue, nor be committed. */
  get isHalfDone(): boolean {
    return this.#task?.isHalfDone === true
  }

  /** The step that has failed with retriable errors for the longest time; undefined while none does. */
  get trouble(): PassingTrouble | undefined {
    let oldest = this.commitWait.trouble
    for (const { retry } of this.#retries.values()) {
      if (retry.trouble !== undefined && !(retry.trouble.sinceMs >= (oldest?.sinceMs ?? Number.POSITIVE_INFINITY)))
        oldest = retry.trouble
    }
    return oldest
  }

  /** Not while it is half done or suspended, nor before its time where it failed. */
  mayAttempt(step: TaskStep): boolean {
    if (this.isHalfDone || this.commitWait.isSuspended) return false
    return this.#retries.size === 0 || this.#retries.get(step)?.retry.isDue !== false
  }

  /**
   * Of a step that has failed where the task is: at another record it is another failure, the task has come further.
   */
  retryOf(step: TaskStep, create: () => Retry): Retry {
    const { topic, partition, offset } = this.#task?.recordContext ?? nowhere
    const place = step === 'process' ? `${topic}-${partition}@${offset}` : ''
    const known = this.#retries.get(step)
    if (known?.place === place) return known.retry
    const retry = create()
    this.#retries.set(step, { place, retry })
    return retry
  }

  succeeded(step: TaskStep): void {
    if (this.#retries.size > 0) this.#retries.delete(step)
  }

  /** The task starts again from its last commit; stores, sinks and pending writes stay. */
  renew(): void {
    this.commitWait.takenBack()
    // The commit of the starts may be what failed.
    this.#isSettled = false
    this.#task = this.#task?.renewed()
  }

  /**
   * True once the start offset of every input is known; stays so until the task is renewed. Start offsets that the group
   * has not committed yet are then committed immediately: under `latest` the next owner would start later and skip records.
   */
  settle(consumer: Consumer): boolean {
    const { task } = this
    if (task === undefined || this.#isSettled) return true
    if (this.state !== 'RUNNING' || task.inputs.some((input) => consumer.position(input) === undefined)) return false
    this.#isSettled = true
    if (this.#committed.size < task.inputs.length) this.#noteStarts(task, consumer)
    return true
  }

  /** Until the commit of the starts is done, they tell what a restart and the lag begin with. */
  #noteStarts(task: Task, consumer: Consumer): void {
    for (const queue of task.group.queues) {
      const start = consumer.position(queue)
      if (start !== undefined && !this.#committed.has(partitionKey(queue.topic, queue.partition))) queue.startAt(start)
    }
    task.requestCommit()
  }

  /** Nothing but what has no records came since the last commit, such as markers of transactions. */
  hasPassedMarkers(consumer: Consumer): boolean {
    for (const queue of this.task?.group.queues ?? []) {
      const known = this.#committed.get(partitionKey(queue.topic, queue.partition))
      if (known !== undefined && (queue.position(consumer.position(queue)) ?? -1) > known.offset) return true
    }
    return false
  }

  /** Processes up to `recordsMax` records; none while its commit waits for what it has begun. Returns the count. */
  process(recordsMax: number): number {
    return this.task === undefined || this.commitWait.isDraining ? 0 : this.task.process(recordsMax)
  }

  /** A record is buffered that may be processed now. */
  mayProcess(nowMs: number): boolean {
    return this.task !== undefined && !this.commitWait.isDraining && this.task.mayProcess(nowMs)
  }

  /** Writes the interval to local state; the next one begins at once. The last interval must be written. */
  apply(changelogOffsets: ReadonlyMap<string, number>): void {
    this.#follow(this.stores.apply(changelogOffsets))
  }

  /**
   * Once the last interval is in local state; a write that failed temporarily is tried again. Rejects with what is
   * retriable, and with `task-corrupted` when local state cannot be trusted.
   */
  async applied(): Promise<void> {
    try {
      await this.#applying
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      this.#follow(this.stores.reapply())
      await this.#applying
    }
  }

  #follow(write: Promise<void>): void {
    this.#applying = write
    // Told by the next commit.
    write.catch(() => {})
  }

  /** Its state is complete and its operators are open. Throws ILLEGAL_TRANSITION unless it was restoring. */
  run(): void {
    this.#state.transition('RUNNING')
  }

  /** Nothing of it is used from now on. Throws ILLEGAL_TRANSITION when it was closed before. */
  end(): void {
    this.#state.transition('CLOSED')
  }
}
