import { consequenceOf, errorMessage } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { Admin, TaskId } from '../kafka/port.ts'
import { taskIdText } from '../kafka/port.ts'
import type { TaskStores } from '../stores/task-stores.ts'
import { noStores } from './no-stores.ts'
import { taskInUse } from './state-directory.ts'
import type { TaskDraft } from './task-draft.ts'
import type { ThreadEnvironment } from './thread-environment.ts'

/** Zeros: the broker has no ids of topics. */
const noId = /^A*$/

/** The stores of one thread's tasks: opened where nobody else has them, and without what cannot be trusted. */
export class TaskStorage {
  readonly #environment: ThreadEnvironment
  readonly #admin: Admin
  readonly #logger: Logger

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
      this.#checkChangelogs(id, draft, changelogIds)
      if (stateDirectory.isDamaged(id)) await stateDirectory.removeTask(id)
      stores = await this.#openTrusted(id, draft)
      const ids = draft.changelogs.flatMap(({ topic }) => {
        const topicId = changelogIds.get(topic)
        return topicId === undefined ? [] : [[topic, topicId] as const]
      })
      stateDirectory.noteChangelogIds(id, new Map(ids))
      return stores
    } catch (error) {
      await stores?.close().catch(() => {})
      this.giveBack(id)
      throw error
    }
  }

  /** State of a topic that was made anew under its name, as by a reset, is not state of that topic. */
  #checkChangelogs(id: TaskId, { changelogs }: TaskDraft, current: ReadonlyMap<string, string>): void {
    const noted = this.#environment.stateDirectory.changelogIds(id)
    for (const { topic } of changelogs) {
      const [before, now] = [noted.get(topic), current.get(topic)]
      if (before === undefined || now === undefined || before === now) continue
      const fields = { task: taskIdText(id), topic, before, now }
      this.#logger.warn(fields, 'changelog was made anew: state on disk is deleted and restored')
      this.noteDamaged(id)
    }
  }

  async #openTrusted(id: TaskId, draft: TaskDraft): Promise<TaskStores> {
    const { openStores, stateDirectory } = this.#environment
    try {
      return await openStores(draft.storesOptions)
    } catch (error) {
      if (consequenceOf(error) !== 'task-corrupted') throw error
      this.#logger.warn({ task: taskIdText(id), error: errorMessage(error) }, 'state on disk is deleted and restored')
      await stateDirectory.removeTask(id)
      return openStores(draft.storesOptions)
    }
  }

  /** What is there is deleted when it is closed, or before it is opened again. */
  noteDamaged(id: TaskId): void {
    this.#environment.stateDirectory.noteDamaged(id)
  }

  async close(id: TaskId, stores: TaskStores): Promise<void> {
    const { stateDirectory } = this.#environment
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
