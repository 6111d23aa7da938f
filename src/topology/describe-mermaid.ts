import type { TopologyNode } from './node.ts'
import type { TopologyParts } from './json-of-topology.ts'

/**
 * A topology as a Mermaid flowchart: subtopologies as boxes, topics and stores as they are connected. Put it into a
 * fenced block of the kind `mermaid`.
 */
export function describeMermaid({ nodes, subtopologies }: TopologyParts): string {
  const ids = new Map<string, string>()
  const id = (name: string): string => {
    const known = ids.get(name) ?? `n${ids.size}`
    ids.set(name, known)
    return known
  }
  const lines = ['flowchart TD']
  for (const { id: number, nodes: names, global } of subtopologies) {
    lines.push(`  subgraph ${id(`subtopology ${number}`)}["${global ? 'global' : 'subtopology'} ${number}"]`)
    for (const name of names) lines.push(`    ${id(name)}["${text(name)}"]`)
    lines.push('  end')
  }
  for (const node of nodes.values()) lines.push(...arrowsOf(node, id).map((arrow) => `  ${arrow}`))
  return `${lines.join('\n')}\n`
}

function arrowsOf(node: TopologyNode, id: (name: string) => string): readonly string[] {
  const own = id(node.name)
  switch (node.kind) {
    case 'source': {
      const topics = node.topics instanceof RegExp ? [`/${node.topics.source}/`] : node.topics
      const read = topics.map((topic) => `${id(`topic ${topic}`)}(["${text(topic)}"]) --> ${own}`)
      return [...read, ...node.children.map((child) => `${own} --> ${id(child)}`)]
    }
    case 'processor': {
      const kept = node.stores.map((store) => `${own} --- ${id(`store ${store}`)}[("${text(store)}")]`)
      return [...node.children.map((child) => `${own} --> ${id(child)}`), ...kept]
    }
    case 'sink': {
      const topic = typeof node.topic === 'string' ? node.topic : `by ${node.topic.name || 'a function'}`
      return [`${own} --> ${id(`topic ${topic}`)}(["${text(topic)}"])`]
    }
  }
}

function text(name: string): string {
  return name.replaceAll('"', '#quot;')
}
