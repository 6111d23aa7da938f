import type { Assembly } from './assembly.ts'
import type { SubtopologySpec } from './topology.ts'

/**
 * Splits the nodes into connected parts: parts that only topics connect are separate. They are numbered by their first
 * node in order of addition, as in Java, since the numbers are part of task ids and of the names of state directories.
 */
export function subtopologiesOf(assembly: Assembly): readonly SubtopologySpec[] {
  const groups = new Map<string, string[]>()
  for (const name of assembly.nodes.keys()) {
    const root = assembly.groups.root(name)
    const group = groups.get(root)
    if (group) group.push(name)
    else groups.set(root, [name])
  }
  return [...groups.values()].map((nodes, id) => subtopologyOf(assembly, id, nodes))
}

function subtopologyOf(assembly: Assembly, id: number, nodes: readonly string[]): SubtopologySpec {
  const sources: string[] = []
  const stores = new Set<string>()
  for (const name of nodes) {
    const node = assembly.nodes.get(name)
    if (node?.kind === 'source') sources.push(name)
    if (node?.kind === 'processor') for (const store of node.stores) stores.add(store)
  }
  return Object.freeze({
    id,
    nodes,
    sources,
    stores: [...stores],
    global: sources.some((name) => assembly.isGlobalSource(name)),
  })
}
