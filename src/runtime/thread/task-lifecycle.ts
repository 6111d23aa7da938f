import { consequenceOf, errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { OffsetAndMetadata, StartOffset, TaskId, TopicPartition } from '../../kafka/port.ts'
import { partitionKey, taskIdText } from '../../kafka/port.ts'
import type { Sink } from '../../sinks/port.ts'
import { CacheBudget } from '../../stores/record-cache.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import { decodeCommitMetadata } from '../task/commit-metadata.ts'
import type { ThreadConnections } from './connections.ts'
import { nextTurn } from '../event-loop.ts'
import { LastCommitted } from './last-committed.ts'
import type { OpeningTask } from './opening-tasks.ts'
import { draftTask } from '../task/task-draft.ts'
import type { TaskDraft } from '../task/task-draft.ts'
import { OwnedTask } from './task-registry.ts'
import { TaskStorage } from './task-storage.ts'
import type { CommittedInput, Task } from '../task/task.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import type { TopologyTopics } from './topology-topics.ts'

/** A task that cannot be opened for now. */
export interface RefusedTask {
  readonly id: TaskId
  readonly error: unknown
}

interface OpenedTasks {
  readonly opened: readonly OwnedTask[]
  readonly refused: readonly RefusedTask[]
}

interface OpeningDraft extends OpeningTask {
  readonly draft: TaskDraft
  readonly offsets: readonly OffsetAndMetadata[]
  readonly topicsVersion: number
  readonly changelogIds: ReadonlyMap<string, string>
}

/** Opens, starts and closes the tasks of one thread: stores, sinks, committed offsets, positions. */
export class TaskLifecycle {
  readonly #environment: ThreadEnvironment
  readonly #connections: ThreadConnections
  readonly #logger: Logger
  readonly #topics: TopologyTopics
  readonly #storage: TaskStorage
  readonly #cacheBudget: CacheBudget
  readonly #lastCommitted = new LastCommitted()

  constructor(environment: ThreadEnvironment, connections: ThreadConnections, topics: TopologyTopics, logger: Logger) {
    this.#environment = environment
    this.#connections = connections
    this.#logger = logger
    const { cacheBytesMax, threads } = environment.settings
    this.#cacheBudget = new CacheBudget(Math.floor(cacheBytesMax / threads))
    this.#topics = topics
    this.#storage = new TaskStorage(environment, connections.admin, logger)
  }

  /**
   * Opens tasks with their stores as they are on disk; state is still to be restored. What a retry may mend refuses one
   * task, or all where it is about all; anything else rejects, with nothing left open.
   */
  async open(tasks: readonly OpeningTask[]): Promise<OpenedTasks> {
    const opened: OwnedTask[] = []
    const refused: RefusedTask[] = []
    try {
      const drafts = await this.#drafts(tasks)
      for (const draft of drafts) {
        const outcome = await this.#attempt(draft)
        if (outcome instanceof OwnedTask) opened.push(outcome)
        else refused.push(outcome)
        // State opens synchronously: the heartbeats of many tasks' member would wait for all of them.
        await nextTurn()
      }
      return { opened, refused }
    } catch (error) {
      for (const owned of opened) await this.close(owned)
      if (consequenceOf(error) !== 'retriable') throw error
      return { opened: [], refused: tasks.map(({ id }) => ({ id, error })) }
    }
  }

  /** What each of them reads, and from where. */
  async #drafts(tasks: readonly OpeningTask[]): Promise<readonly OpeningDraft[]> {
    const { topics } = this.#environment
    const active = tasks.filter(({ isStandby }) => !isStandby)
    // The leader has seen partitions that this process has not.
    if (active.some(({ id }) => this.#inputsOf(id).length === 0)) await topics.refresh()
    const topicsVersion = topics.version
    const committed = await this.#committed(active.flatMap(({ id }) => this.#inputsOf(id)))
    const byPartition = new Map(committed.map((offset) => [partitionKey(offset.topic, offset.partition), offset]))
    const drafts = tasks.map((task) => {
      const inputs = this.#inputsOf(task.id)
      const offsets = inputs.flatMap(({ topic, partition }) => byPartition.get(partitionKey(topic, partition)) ?? [])
      return { ...task, draft: this.#draft(task.id, inputs), offsets, topicsVersion }
    })
    const changelogIds = await this.#storage.changelogIds(drafts.map(({ draft }) => draft))
    return drafts.map((draft) => ({ ...draft, changelogIds }))
  }

  async #attempt(opening: OpeningDraft): Promise<OwnedTask | RefusedTask> {
    try {
      return opening.isStandby ? await this.#openStandby(opening) : await this.#openActive(opening)
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      return { id: opening.id, error }
    }
  }

  async #openActive(opening: OpeningDraft): Promise<OwnedTask> {
    const { id, draft, offsets, topicsVersion, changelogIds } = opening
    const sinks = new Map<string, Sink>()
    let stores: TaskStores | undefined
    try {
      await this.#openSinks(id, draft, sinks)
      stores = await this.#storage.open(id, draft, changelogIds)
      const owned = new OwnedTask(id, draft.finish(stores, sinks), stores, draft.changelogs, offsets)
      owned.topicsVersion = topicsVersion
      return owned
    } catch (error) {
      for (const sink of sinks.values()) await sink.close().catch(() => {})
      await stores?.close().catch(() => {})
      this.#storage.giveBack(id)
      throw error
    }
  }

  async #openStandby(opening: OpeningDraft): Promise<OwnedTask> {
    const { id, draft, changelogIds } = opening
    return new OwnedTask(id, undefined, await this.#storage.open(id, draft, changelogIds), draft.changelogs, [])
  }

  async #committed(inputs: readonly TopicPartition[]): Promise<readonly OffsetAndMetadata[]> {
    const { applicationId } = this.#environment.settings
    return this.#lastCommitted.complete(await this.#connections.consumer.committed(applicationId, inputs), inputs)
  }

  /** Opens the operators and begins to read, from what is committed or where the source says. */
  start(owned: OwnedTask): void {
    const task = owned.task
    if (task === undefined) return
    task.open([...owned.committed.values()].map(committedInput))
    this.#read(owned, task.inputs)
  }

  /**
   * Takes back what a task has done since its last commit, and lets it begin there again: an error that passes has left
   * a record half done, which would be counted twice, or be its own duplicate. What was sent is sent once more.
   */
  async takeBack(owned: OwnedTask): Promise<void> {
    const { task } = owned
    if (task === undefined) return
    await owned.applied()
    this.#rewind(owned, task)
    try {
      task.close()
    } catch (error) {
      this.#logger.warn({ task: owned.idText, error: errorMessage(error) }, 'closing the task failed')
    }
    for (const sink of task.sinks.values()) sink.discard()
    task.collector.discard()
    owned.stores.discard()
    owned.renew()
    owned.task?.open([...owned.committed.values()].map(committedInput))
  }

  #rewind(owned: OwnedTask, task: Task): void {
    const { consumer } = this.#connections
    for (const queue of task.group.queues) {
      const key = partitionKey(queue.topic, queue.partition)
      const offset = owned.committed.get(key)?.offset ?? queue.firstOffset
      // Where nothing was read it is not known yet where to begin.
      if (offset !== undefined && consumer.position(queue) !== undefined) consumer.seek(queue, offset)
      if (owned.paused.delete(key)) consumer.resume([queue])
    }
  }

  /** Lets a running task go of inputs whose topics are gone (a pattern matched them); returns those. */
  shorten(owned: OwnedTask): readonly TopicPartition[] {
    const { task } = owned
    const { topics } = this.#environment
    if (task === undefined || owned.topicsVersion === topics.version) return []
    const gone = task.inputs.filter(({ topic, partition }) => partition >= (topics.partitionCounts.get(topic) ?? 0))
    if (gone.length === 0) return []
    const places = gone.map(({ topic, partition }) => ({ topic, partition }))
    this.#lastCommitted.note(owned.committed)
    task.removeInputs(places)
    this.#connections.consumer.unassign(places)
    this.#logger.warn({ task: owned.idText, topics: places.map(({ topic }) => topic) }, 'task no longer reads topics')
    return places
  }

  /** Adds topics and partitions that appeared since the task was opened; returns the new inputs. */
  async extend(owned: OwnedTask): Promise<readonly TopicPartition[]> {
    const { task } = owned
    const { version } = this.#environment.topics
    if (task === undefined || owned.topicsVersion === version) return []
    const inputs = this.#inputsOf(owned.id).filter(({ topic, partition }) => !task.reads(topic, partition))
    if (inputs.length > 0) {
      const committed = await this.#committed(inputs)
      for (const offset of committed) owned.committed.set(partitionKey(offset.topic, offset.partition), offset)
      task.addInputs(inputs, committed.map(committedInput))
      this.#read(owned, inputs)
      this.#logger.info(
        { task: owned.idText, topics: inputs.map(({ topic }) => topic) },
        'task reads additional topics',
      )
    }
    owned.topicsVersion = version
    return inputs
  }

  #read(owned: OwnedTask, inputs: readonly TopicPartition[]): void {
    const positions = inputs.map((input) => {
      const { metadata = '' } = owned.committed.get(partitionKey(input.topic, input.partition)) ?? {}
      return { ...input, offset: this.#startOffset(owned, input), topicId: decodeCommitMetadata(metadata).topicId }
    })
    this.#connections.consumer.assign(positions)
  }

  #startOffset(owned: OwnedTask, { topic, partition }: TopicPartition): StartOffset {
    const committed = owned.committed.get(partitionKey(topic, partition))
    if (committed !== undefined) return committed.offset
    const { clock } = this.#environment
    const reset = this.#topics.resetOf(topic)
    if (typeof reset === 'object') return { timestampMs: Math.max(0, clock.nowMs() - reset.durationMs) }
    if (reset !== 'none') return reset
    throw new MillraceError(
      'NO_COMMITTED_OFFSET',
      'fatal',
      `${topic}-${partition} has no committed offset and its offsetReset is 'none': choose 'earliest', 'latest' or { durationMs }, or commit one`,
      { details: { taskId: owned.idText, topic, partition } },
    )
  }

  #inputsOf(id: TaskId): TopicPartition[] {
    return this.#topics.inputsOf(id, this.#environment.topics.partitionCounts)
  }

  #draft(id: TaskId, inputs: readonly TopicPartition[]): TaskDraft {
    const { topology, settings, stateDirectory, heldRecords, globalStores, clock } = this.#environment
    const { consumer, producer } = this.#connections
    const { nodes, stores } = this.#topics.subtopologyOf(id)
    return draftTask({
      id,
      topology,
      nodes,
      storeNames: stores.filter((name) => !topology.globalStores.has(name)),
      inputs,
      settings,
      cacheBudget: this.#cacheBudget,
      directory: stateDirectory.taskDirectory(id),
      takeDirectory: () => this.#storage.directory(id),
      heldRecords,
      producer,
      globalStores,
      lag: (topic, partition) => {
        const end = consumer.endOffset({ topic, partition })
        const position = consumer.position({ topic, partition })
        return end === undefined || position === undefined ? undefined : end - position
      },
      clock,
      logger: this.#logger,
    })
  }

  /** Those that were opened are in `sinks`, also when one cannot be. */
  async #openSinks(id: TaskId, draft: TaskDraft, sinks: Map<string, Sink>): Promise<void> {
    const { topology, sinks: factories } = this.#environment
    for (const name of this.#topics.subtopologyOf(id).nodes) {
      const node = topology.nodes.get(name)
      if (node?.kind !== 'processor' || node.operator.kind !== 'external-sink') continue
      const sinkName = node.operator.sink
      const factory = factories.get(sinkName)
      // The operator reports a sink that is not configured, with its own name.
      if (factory === undefined || sinks.has(sinkName)) continue
      const sink = factory.create(taskIdText(id))
      sinks.set(sinkName, sink)
      await sink.open({ reject: draft.reject(sinkName) })
    }
  }

  /** Closes everything of a task; what is not committed is gone. */
  async close(owned: OwnedTask): Promise<void> {
    if (owned.state === 'CLOSED') return
    await owned.applied().catch((error: unknown) => {
      // What failed for now was not written at all, so the store is behind its changelog and may stay.
      if (consequenceOf(error) === 'task-corrupted') this.noteDamaged(owned.id)
    })
    await this.#end(owned)
  }

  /** Closes a task and deletes its state. */
  async wipe(owned: OwnedTask): Promise<void> {
    this.noteDamaged(owned.id)
    await this.#end(owned)
  }

  noteDamaged(id: TaskId): void {
    this.#storage.noteDamaged(id)
  }

  /** Errors while closing are logged; unfinished work is detected when the state is opened next. */
  async #end(owned: OwnedTask): Promise<void> {
    const { id, stores, task } = owned
    this.#lastCommitted.note(owned.committed)
    const wasRunning = owned.state === 'RUNNING'
    owned.moveTo('CLOSED')
    const steps: readonly (() => Promise<void> | void)[] = [
      () => {
        if (!wasRunning || task === undefined) return
        this.#connections.consumer.unassign(task.inputs)
        task.close()
      },
      ...Array.from(task?.sinks.values() ?? [], (sink) => () => {
        sink.discard()
        return sink.close()
      }),
      () => this.#storage.close(id, stores),
    ]
    for (const step of steps) {
      try {
        await step()
      } catch (error) {
        const fields = { task: owned.idText, code: errorCode(error), error: errorMessage(error) }
        this.#logger.warn(fields, 'closing the task failed')
      }
    }
    this.#storage.giveBack(id)
  }

  /** The tasks whose state an error is about: all of them when it does not say. */
  ownersOf(error: unknown, tasks: readonly OwnedTask[]): readonly OwnedTask[] {
    const { taskId, directory } = (error as Partial<MillraceError>).details ?? {}
    if (taskId === undefined && directory === undefined) return tasks
    const { stateDirectory } = this.#environment
    return tasks.filter(({ id, idText }) =>
      taskId === undefined ? stateDirectory.taskDirectory(id) === directory : idText === taskId,
    )
  }
}

function committedInput({ topic, partition, metadata }: OffsetAndMetadata): CommittedInput {
  return { topic, partition, metadata: decodeCommitMetadata(metadata) }
}
