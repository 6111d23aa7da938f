import type { ProcessorNode, TopologyNode } from '../topology/node.ts'
import type { Topology } from '../topology/topology.ts'

/** Operators that pass on each result of a table under its key. */
const keepsKey: ReadonlySet<string> = new Set([
  'filter',
  'map-values',
  'pass-through',
  'peek',
  'table-filter',
  'table-map-values',
  'table-to-stream',
])

/**
 * Whether an output has the results of a table that a record cache is in front of: of the results of a key, those between
 * two commits are then left out, and where a commit falls is chance. A new key or a join behind the table counts as no.
 */
export function isBehindCache(topology: Topology, node: string): boolean {
  return writersOf(topology, topology.nodes.get(node)).some((writer) => {
    if (writer.stores.some((store) => topology.stores.get(store)?.caching === true)) return true
    return keepsKey.has(writer.operator.kind) && isBehindCache(topology, writer.name)
  })
}

function writersOf({ nodes }: Topology, node: TopologyNode | undefined): readonly ProcessorNode[] {
  const parents = node === undefined || node.kind === 'source' ? [] : node.parents
  return parents.flatMap((name) => {
    const parent = nodes.get(name)
    return parent?.kind === 'processor' ? [parent] : []
  })
}
