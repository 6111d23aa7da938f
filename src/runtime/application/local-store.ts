import { MillraceError } from '../../core/errors.ts'
import { noHeaders } from '../../core/headers.ts'
import { partitionOfKey } from '../../kafka/partitioner.ts'
import type { StateStore } from '../../stores/port.ts'
import type { StoreSpec } from '../../stores/store-spec.ts'
import type { Topology } from '../../topology/topology.ts'
import { changelogTopicName } from '../../topology/topology.ts'
import type { Settings } from '../settings.ts'
import type { ThreadHandle } from '../thread/thread-handle.ts'
import { TopologyTopics } from '../thread/topology-topics.ts'

/** Where a process's stores are to be found. */
export interface LocalStoreOptions {
  readonly name: string
  readonly kinds: readonly StoreSpec['kind'][]
  /** What reads stores of these kinds, for errors. */
  readonly queryName: string
  readonly topology: Topology
  readonly settings: Settings
  readonly threads: () => readonly Pick<ThreadHandle, 'stores'>[]
  /** Partitions of every topic that the topology reads, by full name; undefined before the start. */
  readonly partitionCounts: () => ReadonlyMap<string, number> | undefined
  readonly globalStore: () => StateStore | undefined
}

/** One store as a process holds it: the partitions of its running tasks. Looked up again in each call. */
export class LocalStore {
  readonly spec: StoreSpec
  readonly #options: LocalStoreOptions

  /** Throws STORE_NOT_FOUND and STORE_KIND. */
  constructor(options: LocalStoreOptions) {
    const { name, kinds, queryName, topology } = options
    const spec = topology.stores.get(name)
    if (spec === undefined) {
      throw new MillraceError(
        'STORE_NOT_FOUND',
        'fatal',
        `the topology has no store named ${name}: its stores are ${[...topology.stores.keys()].join(', ') || 'none'}`,
      )
    }
    if (!kinds.includes(spec.kind)) {
      throw new MillraceError(
        'STORE_KIND',
        'fatal',
        `store ${name} is of kind ${spec.kind}, and ${queryName} reads ${kinds.join(', ')}: use the query of its kind`,
      )
    }
    this.spec = spec
    this.#options = options
  }

  /**
   * Every partition that runs here, by number; of a global store its only one. Throws STORE_MIGRATED where there is
   * none, or while one is still being restored.
   */
  partitions(): readonly StateStore[] {
    const { running, restoring } = this.#held()
    if (restoring !== undefined) throw this.#migrated(restoring)
    return [...running.values()]
  }

  /**
   * Reads one key: where its partition is, or, should it have been partitioned otherwise, where it is found.
   * Throws STORE_MIGRATED when it is not found and its partition is not here.
   */
  read<T>(key: unknown, read: (store: StateStore) => T, isFound: (result: T) => boolean): T {
    const { running, restoring } = this.#held()
    const home = this.#isGlobal ? 0 : this.#partitionOf(key)
    const store = running.get(home)
    const result = store === undefined ? undefined : read(store)
    if (result !== undefined && isFound(result)) return result
    for (const [partition, other] of running) {
      if (partition === home) continue
      const found = read(other)
      if (isFound(found)) return found
    }
    if (store !== undefined) return result as T
    throw this.#migrated(
      restoring ?? `partition ${home} of store ${this.spec.name}, where the key belongs, is not here`,
    )
  }

  /** Bytes that a store orders its keys by. */
  keyBytes(key: unknown): Uint8Array {
    const topic = changelogTopicName(this.#options.settings.applicationId, this.spec.name)
    return this.spec.key.serialize(key, topic, noHeaders)
  }

  get #isGlobal(): boolean {
    return this.#options.topology.globalStores.has(this.spec.name)
  }

  /** Throws STORE_MIGRATED when nothing of the store is here. `restoring` says what is on its way. */
  #held(): { readonly running: ReadonlyMap<number, StateStore>; readonly restoring: string | undefined } {
    const { name } = this.spec
    if (this.#isGlobal) {
      const store = this.#options.globalStore()
      if (store !== undefined) return { running: new Map([[0, store]]), restoring: undefined }
      throw this.#migrated(`global store ${name} is not open`)
    }
    const running: (readonly [number, StateStore])[] = []
    let restoring: string | undefined
    for (const thread of this.#options.threads()) {
      const held = thread.stores(name)
      running.push(...held.running)
      if (held.restoringTaskId !== undefined) {
        restoring = `store ${name} of task ${held.restoringTaskId} is being restored`
      }
    }
    if (running.length === 0) throw this.#migrated(restoring ?? `no task with store ${name} runs here`)
    return { running: new Map(running.sort(([left], [right]) => left - right)), restoring }
  }

  /** STORE_MIGRATED (retriable): the row may be in another process, or here in a moment. */
  #migrated(what: string): MillraceError {
    return new MillraceError('STORE_MIGRATED', 'retriable', `${what}: ask again, or ask the process that holds it`)
  }

  /** As the producer of the repartition topic or the user's would choose it. */
  #partitionOf(key: unknown): number {
    const { key: serde } = this.spec
    const bytes = this.keyBytes(key)
    return partitionOfKey(serde.partitionBytes?.(bytes) ?? bytes, this.#partitionCount())
  }

  /** Of its subtopology: as many as the widest topic it reads. */
  #partitionCount(): number {
    const { topology, settings, partitionCounts } = this.#options
    const topics = new TopologyTopics(topology, settings)
    const subtopology = topology.subtopologies.find(({ stores }) => stores.includes(this.spec.name))
    let widest = 1
    for (const [topic, count] of partitionCounts() ?? []) {
      if (count > widest && subtopology !== undefined && topics.isReadBy(subtopology, topic)) widest = count
    }
    return widest
  }
}
