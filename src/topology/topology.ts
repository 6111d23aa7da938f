import type { GroupSubtopology } from '../kafka/port.ts'
import type { StoreSpec } from '../stores/store-spec.ts'
import type { TopologyNode } from './node.ts'
import type { TopologyJson } from './topology-json.ts'

/** A repartition topic, without the application's prefix. */
export interface RepartitionTopicSpec {
  readonly name: string
  /** undefined: as many as the topics upstream have. */
  readonly partitions: number | undefined
}

/** A connected part of the topology: the unit that tasks are made of, one per partition. */
export interface SubtopologySpec {
  readonly id: number
  /** In an order in which parents stand before children. */
  readonly nodes: readonly string[]
  readonly sources: readonly string[]
  readonly stores: readonly string[]
  /** A subtopology of global stores makes no tasks. */
  readonly global: boolean
}

/**
 * A finished topology: frozen data, made by the DSL or the Processor API, run by `runtime`. Holds everything that a task
 * needs and everything that the group must know.
 */
export interface Topology {
  /** All nodes by name. */
  readonly nodes: ReadonlyMap<string, TopologyNode>
  /** All stores by name. */
  readonly stores: ReadonlyMap<string, StoreSpec>
  /** The source topic that fills each global store, by the name of the store. */
  readonly globalStores: ReadonlyMap<string, string>
  /** The repartition topics by name, without the application's prefix. */
  readonly repartitionTopics: ReadonlyMap<string, RepartitionTopicSpec>
  /**
   * The connected parts of the graph. Each part has one task per partition of its sources; the parts of global
   * stores have no tasks.
   */
  readonly subtopologies: readonly SubtopologySpec[]
  /** `text` (the default) is exactly Java's text; `mermaid` is a flowchart for a page. */
  describe(format?: 'text' | 'mermaid'): string
  /** Plain data, equal for two builds of the same code. */
  toJSON(): TopologyJson
  /** SHA-256 of the data of `toJSON`, in hex; two threads or processes compare it. */
  hash(): string
  /**
   * Returns what the group protocol and the topic manager need, with full topic names. Patterns are matched with the
   * existing topics. Throws INVALID_TOPIC or ILLEGAL_ARGUMENT if an internal topic cannot be created.
   */
  groupTopology(
    applicationId: string,
    settings: InternalTopicSettings,
    existing?: readonly string[],
  ): readonly GroupSubtopology[]
}

/** Settings of the application that decide how its internal topics are created. */
export interface InternalTopicSettings {
  /** -1: the broker's default. */
  readonly replicationFactor: number
  /** Added to a window store's retention for its changelog (Java: 24 h). */
  readonly windowStoreAdditionalRetentionMs: number
}

/** `<application id>-<name>` for repartition and `<application id>-<store>-changelog` for changelog topics. */
export function internalTopicName(applicationId: string, name: string): string {
  return `${applicationId}-${name}`
}

/** The topic from which the store of an application is restored. */
export function changelogTopicName(applicationId: string, storeName: string): string {
  return `${applicationId}-${storeName}-changelog`
}
