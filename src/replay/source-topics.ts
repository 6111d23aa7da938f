import { externalSources } from '../kafka/group-topics.ts'
import type { Admin } from '../kafka/port.ts'
import { matchesTopic } from '../topology/matches-topic.ts'
import { internalTopicName, type Topology } from '../topology/topology.ts'

const anySettings = { replicationFactor: -1, windowStoreAdditionalRetentionMs: 0 }

/** The topics that a topology reads from outside, those of its patterns included; not those of global tables. */
export async function sourceTopicsOf(
  topology: Topology,
  applicationId: string,
  admin: Admin,
): Promise<readonly string[]> {
  const groups = topology.groupTopology(applicationId, anySettings, await admin.listTopics())
  const internal = new Set(internalTopicsOf(topology, applicationId).repartition)
  return [...new Set(groups.flatMap(externalSources))].filter((topic) => !internal.has(topic))
}

/** The topics that an application makes for itself, by full name. A topic of the user that serves as changelog is none. */
export function internalTopicsOf(
  topology: Topology,
  applicationId: string,
): { readonly repartition: readonly string[]; readonly changelogs: readonly string[] } {
  const groups = topology.groupTopology(applicationId, anySettings)
  const sources = new Set(groups.flatMap(externalSources))
  const changelogs = groups.flatMap(({ changelogTopics }) => changelogTopics.map(({ name }) => name))
  return {
    repartition: [...topology.repartitionTopics.keys()].map((name) => internalTopicName(applicationId, name)),
    changelogs: [...new Set(changelogs)].filter((name) => !sources.has(name)),
  }
}

/** Whether a source of the topology reads the topic. */
export function readsTopic(topology: Topology, topic: string): boolean {
  return [...topology.nodes.values()].some(
    (node) => node.kind === 'source' && matchesTopic(node, topic, (name) => name) && !isGlobal(topology, topic),
  )
}

function isGlobal(topology: Topology, topic: string): boolean {
  return [...topology.globalStores.values()].includes(topic)
}
