import type { GroupSubtopology, InternalTopic } from '../kafka/port.ts'
import type { ChangelogSpec, StoreSpec } from '../stores/store-spec.ts'
import { matchesTopic } from './matches-topic.ts'
import type { SourceNode } from './node.ts'
import type { SubtopologySpec, Topology } from './topology.ts'
import { changelogTopicName, type InternalTopicSettings, internalTopicName } from './topology.ts'

const dayMs = 24 * 60 * 60 * 1000
const largestLong = 2n ** 63n - 1n

type Configs = Readonly<Record<string, string>>

/** One call of `groupTopologyOf`: a topology, and the application whose topics are to be named. */
interface Naming {
  readonly topology: Pick<Topology, 'nodes' | 'stores' | 'repartitionTopics' | 'subtopologies'>
  readonly copartitions: readonly ReadonlySet<string>[]
  readonly applicationId: string
  readonly settings: InternalTopicSettings
  /** Topics that patterns are matched against; undefined: patterns are left out. */
  readonly existing: readonly string[] | undefined
}

/**
 * The topics of each subtopology with their full names, partition counts and settings, as Kafka Streams names and
 * configures them: the leader of the group assigns tasks by it, the topic manager creates topics by it. Subtopologies
 * of global stores, and those that read no topic, are left out. Asked again when new topics match a pattern.
 */
export function groupTopologyOf(naming: Naming): readonly GroupSubtopology[] {
  const groups = copartitionGroups(naming)
  return naming.topology.subtopologies
    .filter((subtopology) => readsTopics(naming, subtopology))
    .map((subtopology) => groupSubtopology(naming, subtopology, groups))
}

/** A subtopology that reads by patterns alone is part of a group even while nothing matches. */
function readsTopics(naming: Naming, { global, sources }: SubtopologySpec): boolean {
  if (global) return false
  return (
    namedTopics(naming, sources).length > 0 || (naming.existing !== undefined && patternsOf(naming, sources).length > 0)
  )
}

function groupSubtopology(
  naming: Naming,
  subtopology: SubtopologySpec,
  groups: readonly (readonly string[])[],
): GroupSubtopology {
  const sources = namedTopics(naming, subtopology.sources)
  const full = sources.map((topic) => fullName(naming, topic)).sort()
  const matched = matchedTopics(naming, subtopology.sources)
  const all = new Set([...full, ...matched])
  return {
    id: subtopology.id,
    sourceTopics: full,
    patternTopics: matched,
    repartitionSourceTopics: sources
      .filter((topic) => naming.topology.repartitionTopics.has(topic))
      .map((topic) => repartitionTopic(naming, topic))
      .sort(byName),
    repartitionSinkTopics: repartitionSinkTopics(naming, subtopology),
    changelogTopics: changelogTopics(naming, subtopology),
    copartitionGroups: groups.filter((group) => group.every((topic) => all.has(topic))),
  }
}

function sourceNodes({ topology }: Naming, names: readonly string[]): readonly SourceNode[] {
  return names.flatMap((name) => {
    const node = topology.nodes.get(name)
    return node?.kind === 'source' ? [node] : []
  })
}

function namedTopics(naming: Naming, sourceNames: readonly string[]): readonly string[] {
  const topics = sourceNodes(naming, sourceNames).flatMap((node) => (node.topics instanceof RegExp ? [] : node.topics))
  return [...new Set(topics)].sort()
}

function patternsOf(naming: Naming, sourceNames: readonly string[]): readonly SourceNode[] {
  return sourceNodes(naming, sourceNames).filter((node) => node.topics instanceof RegExp)
}

function matchedTopics(naming: Naming, sourceNames: readonly string[]): readonly string[] {
  const patterns = patternsOf(naming, sourceNames)
  const existing = patterns.length === 0 ? [] : (naming.existing ?? [])
  return existing.filter((topic) => patterns.some((node) => matchesTopic(node, topic, String))).sort()
}

function repartitionSinkTopics(naming: Naming, subtopology: SubtopologySpec): readonly string[] {
  const topics = new Set<string>()
  for (const name of subtopology.nodes) {
    const node = naming.topology.nodes.get(name)
    if (node?.kind !== 'sink' || typeof node.topic !== 'string') continue
    if (naming.topology.repartitionTopics.has(node.topic)) topics.add(fullName(naming, node.topic))
  }
  return [...topics].sort()
}

function fullName({ topology, applicationId }: Naming, topic: string): string {
  return topology.repartitionTopics.has(topic) ? internalTopicName(applicationId, topic) : topic
}

function repartitionTopic({ topology, applicationId, settings }: Naming, topic: string): InternalTopic {
  return {
    name: internalTopicName(applicationId, topic),
    partitions: topology.repartitionTopics.get(topic)?.partitions,
    replicationFactor: settings.replicationFactor,
    configs: {
      'cleanup.policy': 'delete',
      'message.timestamp.type': 'CreateTime',
      'retention.ms': '-1',
      'segment.bytes': String(50 * 1024 * 1024),
    },
  }
}

function changelogTopics(naming: Naming, subtopology: SubtopologySpec): readonly InternalTopic[] {
  const topics: InternalTopic[] = []
  for (const name of subtopology.stores) {
    const store = naming.topology.stores.get(name)
    if (!store?.changelog) continue
    topics.push({
      name: store.changelog.topic ?? changelogTopicName(naming.applicationId, name),
      partitions: undefined,
      replicationFactor: naming.settings.replicationFactor,
      configs: changelogConfigs(store, store.changelog, naming.settings),
    })
  }
  return topics.sort(byName)
}

function byName(left: InternalTopic, right: InternalTopic): number {
  return left.name < right.name ? -1 : 1
}

function changelogConfigs(store: StoreSpec, changelog: ChangelogSpec, settings: InternalTopicSettings): Configs {
  return {
    'cleanup.policy': cleanupPolicy(store),
    'message.timestamp.type': 'CreateTime',
    ...ageConfigs(store, settings),
    ...changelog.configs,
  }
}

function cleanupPolicy(store: StoreSpec): string {
  switch (store.kind) {
    case 'window':
    case 'timestamped-window':
      // Rows under one key repeat where duplicates are kept: compaction would lose all but the last.
      return store.retainDuplicates ? 'delete' : 'compact,delete'
    case 'session':
      return 'compact,delete'
    default:
      return 'compact'
  }
}

function ageConfigs(store: StoreSpec, settings: InternalTopicSettings): Configs {
  switch (store.kind) {
    case 'window':
    case 'timestamped-window':
    case 'session':
      return { 'retention.ms': addedMs(store.retentionMs, settings.windowStoreAdditionalRetentionMs) }
    case 'versioned':
      return { 'min.compaction.lag.ms': addedMs(store.historyMs, dayMs) }
    default:
      return {}
  }
}

/** Times past 2^63 - 1 stay there, as in Java. */
function addedMs(timeMs: number, moreMs: number): string {
  const sum = BigInt(timeMs) + BigInt(moreMs)
  return String(sum > largestLong ? largestLong : sum)
}

/** Overlapping groups of source nodes become one group of topics. */
function copartitionGroups(naming: Naming): readonly (readonly string[])[] {
  const groupOfTopic = new Map<string, Set<string>>()
  for (const nodes of naming.copartitions) {
    const named = namedTopics(naming, [...nodes]).map((topic) => fullName(naming, topic))
    const topics = [...named, ...matchedTopics(naming, [...nodes])]
    const known = topics.map((topic) => groupOfTopic.get(topic)).find((group) => group !== undefined)
    const group = known ?? new Set<string>()
    for (const topic of topics) {
      for (const other of groupOfTopic.get(topic) ?? []) group.add(other)
      group.add(topic)
    }
    for (const topic of group) groupOfTopic.set(topic, group)
  }
  return [...new Set(groupOfTopic.values())].map((group) => [...group].sort())
}
