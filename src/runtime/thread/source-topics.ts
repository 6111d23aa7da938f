import type { GroupProtocol, GroupTopology } from '../../kafka/port.ts'
import type { InternalTopicManager, PreparedTopics } from './internal-topic-manager.ts'

/** Where topics are looked up: in the cluster, or by the host of a worker thread. */
export type TopicLookup = Pick<InternalTopicManager, 'groupProtocol' | 'prepare'>

/** The topics that the topology reads, as last looked up. One for the threads of a process. */
export class SourceTopics {
  readonly #manager: TopicLookup
  #prepared: PreparedTopics
  #version = 1
  #refreshing: Promise<void> | undefined
  /** Follows what is looked up. */
  readonly groupTopology: GroupTopology

  private constructor(manager: TopicLookup, prepared: PreparedTopics) {
    this.#manager = manager
    this.#prepared = prepared
    const current = () => this.#prepared.subtopologies
    this.groupTopology = {
      get subtopologies() {
        return current()
      },
    }
  }

  /** Of the group that shares the topics out. */
  get groupProtocol(): GroupProtocol {
    return this.#manager.groupProtocol
  }

  /** Makes internal topics that are missing, if the cluster does not. Rejects as `InternalTopicManager.prepare`. */
  static async prepare(manager: TopicLookup): Promise<SourceTopics> {
    return new SourceTopics(manager, await manager.prepare())
  }

  /** Another one after each change. */
  get version(): number {
    return this.#version
  }

  /** All of it, as data. */
  get prepared(): PreparedTopics {
    return this.#prepared
  }

  /** Partitions of every topic that the topology reads, by full name. */
  get partitionCounts(): ReadonlyMap<string, number> {
    return this.#prepared.partitionCounts
  }

  /** Whether a topic is read because a pattern matches it: it may go. */
  isMatched(topic: string): boolean {
    return this.#prepared.subtopologies.some(({ patternTopics }) => patternTopics.includes(topic))
  }

  /** Looks again: a pattern may match new topics, a topic may have more partitions. Rejects as `prepare`. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#lookUp().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #lookUp(): Promise<void> {
    const prepared = await this.#manager.prepare()
    const isSame = textOf(prepared) === textOf(this.#prepared)
    this.#prepared = prepared
    if (!isSame) this.#version++
  }
}

function textOf({ subtopologies, partitionCounts }: PreparedTopics): string {
  return JSON.stringify([subtopologies, Object.fromEntries(partitionCounts)])
}
