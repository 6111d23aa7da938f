import type { Topology } from '../../topology/topology.ts'

/** Topics from which records lead back to them: through nodes, repartition topics and other topics. Sorted. */
export function topicLoops({ nodes, repartitionTopics }: Topology): readonly string[] {
  const next = new Map<string, string[]>()
  const add = (from: string, to: string): void => void next.set(from, [...(next.get(from) ?? []), to])
  const topics = new Set<string>()
  for (const node of nodes.values()) {
    if (node.kind === 'source')
      for (const topic of node.topics instanceof RegExp ? [] : node.topics) {
        if (!repartitionTopics.has(topic)) topics.add(topic)
        add(`topic ${topic}`, node.name)
      }
    if (node.kind !== 'sink') for (const child of node.children) add(node.name, child)
    else if (typeof node.topic === 'string') add(node.name, `topic ${node.topic}`)
  }
  return [...topics].filter((topic) => leadsBack(`topic ${topic}`, next)).sort()
}

function leadsBack(start: string, next: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>()
  const open = [...(next.get(start) ?? [])]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (place === start) return true
    if (seen.has(place)) continue
    seen.add(place)
    open.push(...(next.get(place) ?? []))
  }
  return false
}
