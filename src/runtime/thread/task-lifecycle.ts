import { consequenceOf, errorCode, errorMessage } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { OffsetAndMetadata, TaskId, TopicPartition } from '../../kafka/port.ts'
import { partitionKey, taskIdText } from '../../kafka/port.ts'
import type { Sink } from '../../sinks/port.ts'
import { CacheBudget } from '../../stores/cache-budget.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import { nextTurn } from '../../core/event-loop.ts'
import { decodeCommitMetadata } from '../task/commit-metadata.ts'
import { draftTask } from '../task/task-draft.ts'
import type { TaskDraft } from '../task/task-draft.ts'
import type { CommittedInput, Task } from '../task/task.ts'
import type { ThreadConnections } from './connections.ts'
import type { OpeningTask } from './opening-tasks.ts'
import { InternalOutputs } from './internal-outputs.ts'
import { OwnedTask } from './owned-task.ts'
import { TaskInputs } from './task-inputs.ts'
import type { TaskStorage } from './task-storage.ts'
import type { ThreadEnvironment } from './thread-environment.ts'
import type { TopologyTopics } from './topology-topics.ts'

/** A task whose opening failed with a retriable error. */
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

/** The parts of a task that have to be closed; `running` has operators that are open, and inputs that are read. */
interface OpenParts {
  readonly running?: Task | undefined
  readonly sinks: Iterable<Sink>
  readonly stores: TaskStores | undefined
}

/**
 * The lifecycle of the tasks of one thread; the states are drawn at `TaskState`. `Assignment` calls it, one verb after
 * another: nothing else of the thread runs meanwhile.
 *
 * | verb | from | to | then |
 * |---|---|---|---|
 * | `open` | assigned | RESTORING, STANDBY | sinks and stores are open; the restorer fills the stores |
 * | `start` | RESTORING | RUNNING, by `TaskRegistry.startRunning` | operators are open, inputs are read |
 * | `extend`, `shorten` | RUNNING | RUNNING | inputs are those of the topics that exist now |
 * | `takeBack` | RUNNING | RUNNING | everything is as at the last commit |
 * | `close` | any | CLOSED | state stays on disk as the last commit left it |
 * | `wipe` | any but CLOSED | CLOSED | state on disk is deleted |
 */
export class TaskLifecycle {
  readonly #environment: ThreadEnvironment
  readonly #connections: ThreadConnections
  readonly #logger: Logger
  readonly #topics: TopologyTopics
  readonly #inputs: TaskInputs
  readonly #storage: TaskStorage
  readonly #cacheBudget: CacheBudget
  readonly #internalOutputs: InternalOutputs

  constructor(
    environment: ThreadEnvironment,
    connections: ThreadConnections,
    topics: TopologyTopics,
    storage: TaskStorage,
    logger: Logger,
  ) {
    this.#environment = environment
    this.#connections = connections
    this.#logger = logger
    const { cacheBytesMax, threads } = environment.settings
    this.#cacheBudget = new CacheBudget(Math.floor(cacheBytesMax / threads))
    this.#topics = topics
    this.#inputs = new TaskInputs(environment, connections.consumer, topics)
    this.#storage = storage
    this.#internalOutputs = new InternalOutputs(environment, connections.producer, topics)
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

  /** Asks for all of them at once what they read, and from where. */
  async #drafts(tasks: readonly OpeningTask[]): Promise<readonly OpeningDraft[]> {
    const { topics } = this.#environment
    await this.#internalOutputs.prepare()
    const active = tasks.filter(({ role }) => role === 'active')
    // The leader has seen partitions that this process has not.
    if (active.some(({ id }) => this.#inputs.of(id).length === 0)) await topics.refresh()
    const topicsVersion = topics.version
    const committed = await this.#inputs.committed(active.flatMap(({ id }) => this.#inputs.of(id)))
    const byPartition = new Map(committed.map((offset) => [partitionKey(offset.topic, offset.partition), offset]))
    const drafts = tasks.map((task) => {
      const inputs = this.#inputs.of(task.id)
      const offsets = inputs.flatMap(({ topic, partition }) => byPartition.get(partitionKey(topic, partition)) ?? [])
      return { ...task, draft: this.#draft(task.id, inputs), offsets, topicsVersion }
    })
    const changelogIds = await this.#storage.changelogIds(drafts.map(({ draft }) => draft))
    return drafts.map((draft) => ({ ...draft, changelogIds }))
  }

  /** All of the task that does not wait for anything. */
  #draft(id: TaskId, inputs: readonly TopicPartition[]): TaskDraft {
    const { topology, settings, stateDirectory, heldRecords, globalStores, closings, tracing, clock } =
      this.#environment
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
      closings,
      tracing,
      clock,
      logger: this.#logger,
    })
  }

  /** The task, or the retriable error of its opening; rejects with what is not this task's alone. */
  async #attempt(opening: OpeningDraft): Promise<OwnedTask | RefusedTask> {
    try {
      return opening.role === 'standby' ? await this.#openStandby(opening) : await this.#openActive(opening)
    } catch (error) {
      if (consequenceOf(error) !== 'retriable') throw error
      return { id: opening.id, error }
    }
  }

  /** With sinks and stores; what was opened is closed again if one of them fails. */
  async #openActive(opening: OpeningDraft): Promise<OwnedTask> {
    const { id, draft, offsets, topicsVersion, changelogIds } = opening
    const sinks = new Map<string, Sink>()
    let stores: TaskStores | undefined
    try {
      await this.#openSinks(id, draft, sinks)
      stores = await this.#storage.open(id, draft, changelogIds)
      const owned = new OwnedTask(id, draft.finish(stores, sinks), stores, draft.changelogs, offsets)
      owned.noteTopics(topicsVersion)
      return owned
    } catch (error) {
      await this.#release(id, { sinks: sinks.values(), stores })
      throw error
    }
  }

  /** Without operators, sinks and inputs: stores only. */
  async #openStandby(opening: OpeningDraft): Promise<OwnedTask> {
    const { id, draft, changelogIds } = opening
    return new OwnedTask(id, undefined, await this.#storage.open(id, draft, changelogIds), draft.changelogs, [])
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

  /** Opens the operators and begins to read; state must be restored. Throws what operators throw, and NO_COMMITTED_OFFSET. */
  start(owned: OwnedTask): void {
    const task = owned.task
    if (task === undefined) return
    task.open([...owned.committed.values()].map(committedInput))
    this.#inputs.read(owned, task.inputs)
  }

  /**
   * Takes back what a task has done since its last commit, and lets it begin there again: an error that passes has left
   * a record half done, which would be counted twice, or be its own duplicate. What was sent is sent once more.
   */
  async takeBack(owned: OwnedTask): Promise<void> {
    const { task } = owned
    if (task === undefined) return
    await owned.applied()
    this.#inputs.rewind(owned, task)
    await this.#try(owned.idText, () => task.close())
    for (const sink of task.sinks.values()) sink.discard()
    task.collector.discard()
    owned.stores.discard()
    owned.renew()
    owned.task?.open([...owned.committed.values()].map(committedInput))
  }

  /** Lets a running task go of inputs whose topics are gone (a pattern matched them); returns those. */
  shorten(owned: OwnedTask): readonly TopicPartition[] {
    const { task } = owned
    if (task === undefined || owned.topicsVersion === this.#environment.topics.version) return []
    const gone = this.#inputs.goneOf(task)
    if (gone.length === 0) return []
    this.#inputs.note(owned)
    task.removeInputs(gone)
    this.#inputs.stop(gone)
    this.#logger.warn({ task: owned.idText, topics: gone.map(({ topic }) => topic) }, 'task no longer reads topics')
    return gone
  }

  /** Adds topics and partitions that appeared since the task was opened; returns the new inputs. */
  async extend(owned: OwnedTask): Promise<readonly TopicPartition[]> {
    const { task } = owned
    const { version } = this.#environment.topics
    if (task === undefined || owned.topicsVersion === version) return []
    const inputs = this.#inputs.of(owned.id).filter(({ topic, partition }) => !task.reads(topic, partition))
    if (inputs.length > 0) {
      const committed = await this.#inputs.committed(inputs)
      for (const offset of committed) owned.noteCommitted(offset)
      task.addInputs(inputs, committed.map(committedInput))
      this.#inputs.read(owned, inputs)
      this.#logger.info(
        { task: owned.idText, topics: inputs.map(({ topic }) => topic) },
        'task reads additional topics',
      )
    }
    owned.noteTopics(version)
    return inputs
  }

  /** Closes everything of a task; its next owner processes what is not committed. Does nothing for a closed task. */
  async close(owned: OwnedTask): Promise<void> {
    if (owned.state === 'CLOSED') return
    await owned.applied().catch((error: unknown) => {
      // What failed temporarily was not written at all, so the store is behind its changelog and may stay.
      if (consequenceOf(error) === 'task-corrupted') this.#storage.noteDamaged(owned.id)
    })
    await this.#end(owned)
  }

  /** Closes a task and deletes its state. */
  async wipe(owned: OwnedTask): Promise<void> {
    this.#storage.noteDamaged(owned.id)
    await this.#end(owned)
  }

  async #end(owned: OwnedTask): Promise<void> {
    const { id, stores, task } = owned
    this.#inputs.note(owned)
    const running = owned.state === 'RUNNING' ? task : undefined
    owned.end()
    await this.#release(id, { running, sinks: task?.sinks.values() ?? [], stores })
  }

  /**
   * The one order in which the parts of a task are closed: inputs, operators, sinks, stores, and its directory last,
   * which others may then open. Errors are logged; unfinished work is detected when the state is opened next.
   */
  async #release(id: TaskId, { running, sinks, stores }: OpenParts): Promise<void> {
    const idText = taskIdText(id)
    if (running !== undefined) {
      await this.#try(idText, () => {
        this.#inputs.stop(running.inputs)
        running.close()
      })
    }
    for (const sink of sinks) {
      await this.#try(idText, () => sink.discard())
      await this.#try(idText, () => sink.close())
    }
    if (stores !== undefined) await this.#try(idText, () => this.#storage.close(id, stores))
    this.#storage.giveBack(id)
  }

  /** For steps of closing, each of which has to be taken whatever the others do. */
  async #try(idText: string, step: () => Promise<void> | void): Promise<void> {
    try {
      await step()
    } catch (error) {
      const fields = { task: idText, code: errorCode(error), error: errorMessage(error) }
      this.#logger.warn(fields, 'closing a part of the task failed, continuing')
    }
  }
}

function committedInput({ topic, partition, offset, metadata }: OffsetAndMetadata): CommittedInput {
  return { topic, partition, offset, metadata: decodeCommitMetadata(metadata) }
}
