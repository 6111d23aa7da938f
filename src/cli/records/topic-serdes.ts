import type { Serde } from '../../serde/serde.ts'
import { matchesTopic } from '../../topology/matches-topic.ts'
import type { Topology } from '../../topology/topology.ts'

/** How the records of a topic are read. */
export interface TopicSerdes {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

/** How the topology reads a topic; undefined when no source reads it. */
export function sourceSerdes({ nodes }: Topology, topic: string): TopicSerdes | undefined {
  for (const node of nodes.values())
    if (node.kind === 'source' && matchesTopic(node, topic, (name) => name)) return node
  return undefined
}

/** How the topology writes to a topic; undefined when no sink has its name. */
export function sinkSerdes({ nodes }: Topology, topic: string): TopicSerdes | undefined {
  for (const node of nodes.values()) if (node.kind === 'sink' && node.topic === topic) return node
  return undefined
}
