import type { Topology } from '../../src/index.ts'
import { internalTopicName } from '../../src/topology/topology.ts'
import type { VectorSubtopology } from './vector.ts'

const settings = { replicationFactor: -1, windowStoreAdditionalRetentionMs: 24 * 60 * 60 * 1000 }

/** Subtopologies in the form of a vector: topics with full names and their settings. */
export function subtopologiesOf(topology: Topology, applicationId: string): readonly VectorSubtopology[] {
  return topology.groupTopology(applicationId, settings).map((subtopology) => ({
    id: subtopology.id,
    sources: subtopology.sourceTopics,
    sinks: sinksOf(topology, applicationId, subtopology.id),
    repartition: subtopology.repartitionSourceTopics.map(({ name, partitions, configs }) => ({
      name,
      ...(partitions === undefined ? {} : { partitions }),
      config: configs,
    })),
    changelogs: subtopology.changelogTopics.map(({ name, configs }) => ({ name, config: configs })),
  }))
}

function sinksOf(topology: Topology, applicationId: string, id: number): readonly string[] {
  const topics = new Set<string>()
  for (const name of topology.subtopologies[id]?.nodes ?? []) {
    const node = topology.nodes.get(name)
    if (node?.kind !== 'sink' || typeof node.topic !== 'string') continue
    topics.add(topology.repartitionTopics.has(node.topic) ? internalTopicName(applicationId, node.topic) : node.topic)
  }
  return [...topics].sort()
}
