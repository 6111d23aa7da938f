import { copiedCapacity, hashSetOrder, TreeSet } from './java-order.ts'
import type { TopologyNode } from './node.ts'
import type { SubtopologySpec, Topology } from './topology.ts'

interface Described {
  readonly node: TopologyNode
  /** Nodes of the sub-tree, one counted once for each way that leads to it. */
  size: number
  readonly parents: Described[]
  readonly successors: TreeSet<Described>
  readonly predecessors: TreeSet<Described>
}

/**
 * Exactly the text of Java's `Topology.describe().toString()`, orders of its hash sets included, so that both can be
 * compared line by line.
 */
export function describeTopology(topology: Pick<Topology, 'nodes' | 'subtopologies'>): string {
  const parts = topology.subtopologies.map((subtopology) => `  ${describeSubtopology(topology.nodes, subtopology)}`)
  return `Topologies:\n ${parts.join('')}`
}

function describeSubtopology(nodes: ReadonlyMap<string, TopologyNode>, subtopology: SubtopologySpec): string {
  const described = describeNodes(nodes, subtopology)
  const lines = described.sort(rank).map((entry) => `    ${describeNode(entry)}\n`)
  // The source of a global store stands before its only processor in that order too.
  if (subtopology.global)
    return `Sub-topology: ${subtopology.id} for global store (will not generate tasks)\n${lines.join('')}`
  return `Sub-topology: ${subtopology.id}\n${lines.join('')}\n`
}

/** Larger sub-trees first, as Java's NODE_COMPARATOR; then by name. */
function rank(left: Described, right: Described): number {
  if (left.size !== right.size) return right.size - left.size
  return left.node.name < right.node.name ? -1 : left.node.name > right.node.name ? 1 : 0
}

/** Links the nodes in the order in which a HashMap gives them: sets keep the rank that a node had when it was linked. */
function describeNodes(nodes: ReadonlyMap<string, TopologyNode>, subtopology: SubtopologySpec): Described[] {
  const byName = new Map<string, Described>()
  for (const name of hashSetOrder(hashSetOrder(subtopology.nodes))) {
    const node = nodes.get(name) as TopologyNode
    byName.set(name, { node, size: 1, parents: [], successors: new TreeSet(rank), predecessors: new TreeSet(rank) })
  }
  for (const entry of byName.values()) {
    if (entry.node.kind === 'source') continue
    for (const parentName of entry.node.parents) {
      const parent = byName.get(parentName) as Described
      entry.predecessors.add(parent)
      entry.parents.push(parent)
      parent.successors.add(entry)
      grow(parent, entry.size)
    }
  }
  return [...byName.values()]
}

/** A new child makes the sub-trees of all its ancestors larger. */
function grow(entry: Described, by: number): void {
  entry.size += by
  for (const parent of new Set(entry.parents)) grow(parent, by)
}

function describeNode(entry: Described): string {
  const { node } = entry
  switch (node.kind) {
    case 'source':
      return `Source: ${node.name} (topics: ${describeTopics(node.topics)})\n      --> ${names(entry.successors)}`
    case 'processor':
      return `Processor: ${node.name} (stores: ${bracketed(node.stores)})\n      --> ${names(entry.successors)}\n      <-- ${names(entry.predecessors)}`
    case 'sink': {
      const target = typeof node.topic === 'string' ? `topic: ${node.topic}` : `extractor class: ${node.topic.name}`
      return `Sink: ${node.name} (${target})\n      <-- ${names(entry.predecessors)}`
    }
  }
}

function describeTopics(topics: readonly string[] | RegExp): string {
  return topics instanceof RegExp ? topics.source : bracketed(topics)
}

function bracketed(texts: readonly string[]): string {
  return `[${hashSetOrder(hashSetOrder(texts), copiedCapacity(texts.length)).join(', ')}]`
}

function names(set: TreeSet<Described>): string {
  const values = set.values()
  return values.length === 0 ? 'none' : values.map((entry) => entry.node.name).join(', ')
}
