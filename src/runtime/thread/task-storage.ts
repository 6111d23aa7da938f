import { consequenceOf, errorMessage, type MillraceError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Admin, TaskId } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import { layoutOf } from '../../stores/store-layout.ts'
import type { TaskStores } from '../../stores/task-stores.ts'
import { noStores } from '../task/no-stores.ts'
import { taskInUse } from '../state/state-directory.ts'
import type { TaskDraft } from '../task/task-draft.ts'
import type { OwnedTask } from './owned-task.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** Zeros: the broker has no ids of topics. */
const noId = /^A*$/
/** No topic has a colon in its name. */
const storePrefix = 'store:'

const noteIntervalMs = 10_000

/** State on disk that is open. */
interface TrackedState {
  readonly id: TaskId
  readonly stores: TaskStores
  readonly names: readonly string[]
  noted: number
}

/** The stores of one thread's tasks: opened where nobody else has them, and without what cannot be trusted. */
export class TaskStorage {
  readonly #environment: ThreadEnvironment
  readonly #admin: Admin
  readonly #logger: Logger
  readonly #tracked = new Map<string, TrackedState>()
  #notedAtMs = 0

  constructor(environment: ThreadEnvironment, admin: Admin, logger: Logger) {
    this.#environment = environment
    this.#admin = admin
    this.#logger = logger
  }

  /** Ids of the changelogs, by topic; of brokers that have them, and where state is kept. */
  async changelogIds(drafts: readonly TaskDraft[]): Promise<ReadonlyMap<string, string>> {
    const topics = new Set(drafts.flatMap(({ changelogs }) => changelogs.map(({ topic }) => topic)))
    if (this.#environment.settings.stateDirectory === undefined || topics.size === 0) return new Map()
    const described = await this.#admin.describeTopics([...topics])
    return new Map(described.filter(({ topicId }) => !noId.test(topicId)).map(({ name, topicId }) => [name, topicId]))
  }

  /** Rejects with TASK_DIRECTORY_IN_USE, and with what the stores reject with; nothing is left open then. */
  async open(id: TaskId, draft: TaskDraft, changelogIds: ReadonlyMap<string, string>): Promise<TaskStores> {
    if (draft.storesOptions.specs.length === 0) return noStores
    const { stateDirectory } = this.#environment
    if (!stateDirectory.claim(id, this)) throw taskInUse(taskIdText(id), stateDirectory.taskDirectory(id))
    let stores: TaskStores | undefined
    try {
      const origins = originsOf(draft, changelogIds)
      this.#checkOrigins(id, origins)
      if (stateDirectory.isDamaged(id)) await stateDirectory.removeTask(id)
      stores = await this.#openTrusted(id, draft)
      // What the topology has not now is kept: it may come back, and its state is still there.
      stateDirectory.noteOrigins(id, new Map([...stateDirectory.origins(id), ...origins]))
      this.#track(id, draft, stores)
      return stores
    } catch (error) {
      await stores?.close().catch(() => {})
      this.giveBack(id)
      throw error
    }
  }

  /**
   * State of a topic that was created again under its name, as by a reset, is not state of that topic; and rows of a
   * store that is of another kind now, or has other segments, would be read wrongly.
   */
  #checkOrigins(id: TaskId, origins: ReadonlyMap<string, string>): void {
    const noted = this.#environment.stateDirectory.origins(id)
    for (const [name, now] of origins) {
      const before = noted.get(name)
      if (before === undefined || before === now) continue
      const what = name.startsWith(storePrefix)
        ? 'the layout of a store has changed'
        : 'the changelog topic was created again'
      const fields = { task: taskIdText(id), name, before, now }
      this.#logger.warn(fields, `${what}: deleting state on disk, then restoring it`)
      this.noteDamaged(id)
    }
  }

  async #openTrusted(id: TaskId, draft: TaskDraft): Promise<TaskStores> {
    const { openStores, stateDirectory } = this.#environment
    try {
      return await openStores(draft.storesOptions)
    } catch (error) {
      if (consequenceOf(error) !== 'task-corrupted') throw error
      this.#logger.warn(
        { task: taskIdText(id), error: errorMessage(error) },
        'deleting state on disk, then restoring it',
      )
      await stateDirectory.removeTask(id)
      return openStores(draft.storesOptions)
    }
  }

  /** What is there is deleted when it is closed, or before it is opened again. */
  noteDamaged(id: TaskId): void {
    this.#environment.stateDirectory.noteDamaged(id)
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

  /** State that is not on disk is not there when the task is opened again. */
  #track(id: TaskId, { changelogs, storesOptions: { specs, directory } }: TaskDraft, stores: TaskStores): void {
    if (directory === undefined) return
    const isOnDisk = (name: string) => specs.some((spec) => spec.name === name && spec.engine === 'disk')
    const names = changelogs.map(({ storeName }) => storeName).filter(isOnDisk)
    if (names.length > 0) this.#tracked.set(taskIdText(id), { id, stores, names, noted: -1 })
  }

  /** Writes down how far the state of open tasks is, from time to time: a process that is killed cannot do it later. */
  notePositions(): void {
    const nowMs = this.#environment.clock.monotonicMs()
    if (nowMs < this.#notedAtMs + noteIntervalMs) return
    this.#notedAtMs = nowMs
    for (const state of this.#tracked.values()) this.#note(state)
  }

  #note(state: TrackedState): void {
    const position = state.names.reduce((sum, name) => sum + (state.stores.changelogOffset(name) ?? 0), 0)
    if (position === state.noted) return
    state.noted = position
    this.#environment.stateDirectory.notePosition(state.id, position)
  }

  /** Deletes the state where it was noted as damaged. */
  async close(id: TaskId, stores: TaskStores): Promise<void> {
    const { stateDirectory } = this.#environment
    const state = this.#tracked.get(taskIdText(id))
    this.#tracked.delete(taskIdText(id))
    if (state !== undefined && !stateDirectory.isDamaged(id)) this.#note(state)
    if (!stateDirectory.isDamaged(id)) return stores.close()
    await stores.wipe()
    await stateDirectory.removeTask(id)
  }

  /** For files of a task's processors. Throws as `StateDirectory.open`. */
  directory(id: TaskId): string | undefined {
    return this.#environment.stateDirectory.open(id, this)
  }

  /** Others may open it. */
  giveBack(id: TaskId): void {
    this.#environment.stateDirectory.giveBack(id, this)
  }
}

/** Ids of the changelogs by topic, where brokers have them, and the layouts of the stores on disk. */
function originsOf(
  { changelogs, storesOptions }: TaskDraft,
  changelogIds: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const origins = new Map<string, string>()
  for (const { topic } of changelogs) {
    const topicId = changelogIds.get(topic)
    if (topicId !== undefined) origins.set(topic, topicId)
  }
  for (const spec of storesOptions.specs) {
    if (spec.engine === 'disk') origins.set(`${storePrefix}${spec.name}`, layoutOf(spec))
  }
  return origins
}
